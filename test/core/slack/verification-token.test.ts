import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Unauthorized } from "#core/errors";
import { parseSecrets, verifyToken } from "#core/slack/verification-token";

describe("verification-token", () => {
  const settings: [setting: string | undefined, secrets: string[]][] = [
    [undefined, []],
    ["", []],
    [" , ", []],
    ["a", ["a"]],
    ["a, b ", ["a", "b"]],
  ];
  for (const [setting, secrets] of settings) {
    it(`reads ${JSON.stringify(setting)} as ${secrets.length} secrets`, () => expect(parseSecrets(setting)).to.deep.equal(secrets));
  }

  it("accepts each configured token", () => {
    expect(() => verifyToken("old", ["new", "old"])).not.to.throw();
    expect(() => verifyToken("new", ["new", "old"])).not.to.throw();
  });

  const refused: [title: string, token: unknown, accepted: string[]][] = [
    ["any token when none is configured", "", []],
    ["a missing token", undefined, ["a"]],
    ["a token that is a number", 1, ["1"]],
    ["a longer token", "aa", ["a"]],
    ["a token in another case", "A", ["a"]],
  ];
  for (const [title, token, accepted] of refused) {
    it(`refuses ${title}`, () => expect(thrownBy(() => verifyToken(token, accepted))).to.be.instanceOf(Unauthorized));
  }
});
