import { expect } from "chai";
import { parseClaimId, serializeClaimId } from "#core/dibs/claim-id";

describe("dibs-claim-id", () => {
  const place = { team: "T0001", name: "環境-1", id: "abcdefghijklmnop" };

  it("contains the claim and its queue", () => expect(parseClaimId(serializeClaimId(place))).to.deep.equal(place));
  it("is safe in a path", () => expect(serializeClaimId(place)).to.match(/^[\w.-]+$/));
  for (const text of [
    "",
    "x",
    `${serializeClaimId(place)}=`,
    serializeClaimId({ ...place, name: "../x" }),
    serializeClaimId({ ...place, name: "Upper" }),
    serializeClaimId({ ...place, id: "short" }),
  ]) {
    it(`is not found in ${JSON.stringify(text)}`, () => expect(parseClaimId(text)).to.equal(undefined));
  }
});
