import { expect } from "chai";
import { describeUsage, priceOf } from "#core/agent/prices";

describe("prices", () => {
  const million = { input: 1_000_000, output: 1_000_000, cacheRead: 1_000_000, cacheWrite: 1_000_000 };

  const priced: [modelId: string, dollars: number | undefined][] = [
    ["global.anthropic.claude-haiku-4-5-20251001-v1:0", 1 + 5 + 0.1 + 1.25],
    ["eu.anthropic.claude-haiku-4-5-20251001-v1:0", 1.1 * (1 + 5 + 0.1 + 1.25)],
    ["global.anthropic.claude-sonnet-4-6", 3 + 15 + 0.3 + 3.75],
    ["us.amazon.nova-pro-v1:0", 0.8 + 3.2 + 0.2],
    // Another model, whose name begins with that of a known one.
    ["global.anthropic.claude-sonnet-5-5", undefined],
    ["anthropic.claude-3-5-haiku-20241022-v1:0", undefined],
  ];
  for (const [modelId, dollars] of priced) {
    it(`${dollars === undefined ? "knows no price of" : "prices"} ${modelId}`, () => {
      if (dollars === undefined) expect(priceOf(modelId, million)).to.equal(undefined);
      else expect(priceOf(modelId, million)).to.be.closeTo(dollars, 1e-9);
    });
  }

  it("describes a use without a price by its tokens", () => {
    expect(describeUsage("other.model", million)).to.equal("4,000,000 tokens");
  });
});
