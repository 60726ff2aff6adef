import { expect } from "chai";
import { retryDelayMs } from "../../../src/services/sns/retry-schedule";

describe("sns retry schedule", () => {
  it("follows the table of AWS managed endpoints", () => {
    const first = Array.from({ length: 16 }, (_, index) => retryDelayMs(index + 1));
    expect(first.slice(0, 5)).to.deep.equal([0, 0, 0, 1000, 1000]);
    expect(first[5]).to.equal(1000);
    expect(first[14]).to.equal(20_000);
    expect(first[15]).to.equal(20_000);
    const backoff = first.slice(5, 15) as number[];
    expect(backoff).to.deep.equal([...backoff].sort((a, b) => a - b));
  });

  it("ends after 100,015 retries", () => {
    expect(retryDelayMs(100_015)).to.equal(20_000);
    expect(retryDelayMs(100_016)).to.equal(undefined);
  });
});
