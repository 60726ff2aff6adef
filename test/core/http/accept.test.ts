import { expect } from "chai";
import { isTypeAccepted } from "#core/http/accept";

describe("accept", () => {
  const cases: [accept: string | undefined, isAccepted: boolean][] = [
    [undefined, true],
    ["", true],
    ["*/*", true],
    ["application/*", true],
    ["Application/JSON", true],
    ["application/json; charset=utf-8", true],
    ["text/event-stream, application/json;q=0.1", true],
    ["text/html, */*;q=0.8", true],
    ["text/html", false],
    ["text/*", false],
    ["application/json;q=0, */*", false],
    ["*/*;q=0", false],
  ];
  for (const [accept, isAccepted] of cases) {
    it(`${isAccepted ? "accepts" : "does not accept"} JSON if the header is ${JSON.stringify(accept)}`, () => {
      expect(isTypeAccepted("application/json", accept)).to.equal(isAccepted);
    });
  }
});
