import { expect } from "chai";
import { Unauthorized } from "#core/errors";
import { issueState, verifyState } from "#core/slack/install-state";

const NOW_MS = 1_763_805_600_000;
const SECRET = "client-secret";

describe("install-state", () => {
  const issued = issueState(SECRET, NOW_MS);
  const other = issueState(SECRET, NOW_MS);

  it("is valid for ten minutes, in the browser that it was issued to", () => {
    const { id, expiresAtSeconds } = verifyState(issued, SECRET, NOW_MS + 600_000);
    expect(expiresAtSeconds * 1000).to.equal(NOW_MS + 600_000);
    expect(verifyState(issued, SECRET, NOW_MS).id)
      .to.equal(id)
      .and.not.equal(verifyState(other, SECRET, NOW_MS).id);
  });

  const [expires, id, signature] = issued.state.split(".") as [string, string, string];
  for (const [name, given, nowMs = NOW_MS] of [
    ["it is too old", issued, NOW_MS + 600_001],
    ["it is missing", { ...issued, state: "" }],
    ["it lives longer than it was signed for", { ...issued, state: `${Number(expires) + 1}.${id}.${signature}` }],
    ["its id is another's", { ...issued, state: `${expires}.${other.state.split(".")[1]}.${signature}` }],
    ["its signature is cut", { ...issued, state: issued.state.slice(0, -1) }],
    ["the cookie is missing", { ...issued, browser: "" }],
    ["the cookie is another's", { ...issued, browser: other.browser }],
    ["it was signed with another secret", issueState("other", NOW_MS)],
  ] as const) {
    it(`throws Unauthorized if ${name}`, () => expect(() => verifyState(given, SECRET, nowMs)).to.throw(Unauthorized));
  }
});
