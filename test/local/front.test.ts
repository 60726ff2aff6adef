import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { createControls } from "../../local/controls";
import { startLaptop } from "./laptop";

describe("the page's server", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let port: string;

  before(async () => {
    laptop = await startLaptop({ definitions: [createControls(() => ({ outputs: {}, secretOutputs: [], config: {} }))] });
    port = new URL(laptop.cloud.place.pageUrl).port;
  });

  after(() => laptop.stop());

  /** `fetch` does not let Host and Origin be chosen. */
  const ask = (headers: Record<string, string>, hostname = "127.0.0.1") =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const asked = request({ hostname, port, path: "/control/clock", headers }, response => {
        let text = "";
        response.on("data", chunk => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode, text }));
      });
      asked.on("error", reject).end();
    });

  for (const host of ["127.0.0.1", "localhost", "[::1]"])
    it(`serves this machine as ${host}`, async () => expect((await ask({ host: `${host}:${port}` })).status).to.equal(200));

  for (const host of ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "a b"])
    it(`refuses the host ${host}, whose name may have been pointed here`, async () => {
      const { status, text } = await ask({ host });
      expect(status).to.equal(403);
      expect(text).to.equal(`The host ${host} is not this machine.\n`);
    });

  it("serves its own page's requests", async () => {
    const host = `127.0.0.1:${port}`;
    expect((await ask({ host, origin: `http://${host}` })).status).to.equal(200);
  });

  for (const origin of ["https://evil.example", "http://127.0.0.1:1", "http://localhost", "null", "nonsense"])
    it(`refuses requests that a browser sends from ${origin}`, async () => {
      const { status, text } = await ask({ host: `127.0.0.1:${port}`, origin });
      expect(status).to.equal(403);
      expect(text).to.equal(`The origin ${origin} is not this page.\n`);
    });

  it("listens on the loopback interface only", async () => {
    const others = Object.values(networkInterfaces())
      .flatMap(addresses => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    expect(laptop.cloud.place.pageUrl).to.match(/^http:\/\/127\.0\.0\.1:/);
    for (const { address } of others) {
      const outcome = await ask({ host: `127.0.0.1:${port}` }, address).then(
        () => "answered",
        (error: NodeJS.ErrnoException) => error.code,
      );
      expect(outcome, address).to.equal("ECONNREFUSED");
    }
  });
});
