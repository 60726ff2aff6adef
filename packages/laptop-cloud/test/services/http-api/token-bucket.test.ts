import { expect } from "chai";
import { TokenBucket } from "../../../src/services/http-api/token-bucket";

describe("http-api token bucket", () => {
  it("allows a burst, then the rate", () => {
    let nowMs = 0;
    const bucket = new TokenBucket(2, 3, () => nowMs);
    const taken = (count: number) => Array.from({ length: count }, () => bucket.take()).filter(Boolean).length;
    expect(taken(5)).to.equal(3);
    nowMs = 499;
    expect(taken(1)).to.equal(0);
    nowMs = 1000;
    expect(taken(5)).to.equal(2);
    nowMs = 60_000;
    expect(taken(5)).to.equal(3);
  });
});
