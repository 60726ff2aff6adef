import { expect } from "chai";
import { toSameSite } from "../../page/same-site";

describe("same-site URLs", () => {
  const cases: [url: string, pageHost: string, shown: string][] = [
    ["http://127.0.0.1:3000/mail/confirm?Token=x", "localhost", "http://localhost:3000/mail/confirm?Token=x"],
    ["http://127.0.0.1:4566/files/x.pdf", "[::1]", "http://[::1]:4566/files/x.pdf"],
    ["http://127.0.0.1:3000/x", "127.0.0.1", "http://127.0.0.1:3000/x"],
    ["https://example.com/127.0.0.1", "localhost", "https://example.com/127.0.0.1"],
    ["http://127.0.0.1.example.com/", "localhost", "http://127.0.0.1.example.com/"],
    ["mailto:ann@example.com", "localhost", "mailto:ann@example.com"],
    ["no address", "localhost", "no address"],
  ];
  for (const [url, pageHost, shown] of cases) {
    it(`shows ${url} as ${shown} on a page at ${pageHost}`, () => expect(toSameSite(url, pageHost)).to.equal(shown));
  }
});
