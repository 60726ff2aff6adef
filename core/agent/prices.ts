/**
 * What models of Amazon Bedrock cost, in US dollars per million tokens, on demand in us-east-1. Models whose prices could not be confirmed
 * are left out, and so are those that Bedrock no longer offers.
 *
 * Sources: https://aws.amazon.com/bedrock/pricing/, as AWS's own tool for estimates quotes it on 2026-10-05 (bedrock_pricing.py in
 * https://github.com/aws/agent-toolkit-for-aws); for the cache https://platform.claude.com/docs/en/about-claude/pricing: reading costs a tenth
 * of the input, and writing for five minutes a quarter more than the input. Nova's cache: AWS's page as of 2025-07-20.
 */

/** Tokens of one or several calls of a model. A type rather than an interface, so that the compiler accepts it as JSON. */
type Usage = { input: number; output: number; cacheRead: number; cacheWrite: number };

type Price = Record<keyof Usage, number>;

const claude = (input: number, output: number): Price => ({ input, output, cacheRead: input / 10, cacheWrite: input * 1.25 });

const nova = (input: number, output: number): Price => ({ input, output, cacheRead: input / 4, cacheWrite: 0 });

/** By the model's id, without its date and version. */
const PRICES: Record<string, Price> = {
  "anthropic.claude-opus-4-8": claude(5, 25),
  "anthropic.claude-sonnet-5": claude(2, 10),
  "anthropic.claude-sonnet-4-6": claude(3, 15),
  "anthropic.claude-haiku-4-5": claude(1, 5),
  "amazon.nova-pro": nova(0.8, 3.2),
  "amazon.nova-lite": nova(0.06, 0.24),
  "amazon.nova-micro": nova(0.035, 0.14),
};

/** `eu.anthropic.claude-haiku-4-5-20251001-v1:0`: the inference profile's geography, if any, and the model. */
const MODEL_ID = /^(?:([a-z-]+)\.)?((anthropic|amazon)\..+?)(?:-\d{8})?(?:-v\d+(?::\d+)?)?$/;

/** Claude costs a tenth more where requests stay in a geography. */
const GEOGRAPHY_FACTOR = 1.1;

const NONE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

const addUsage = (one: Usage, other: Usage): Usage => ({
  input: one.input + other.input,
  output: one.output + other.output,
  cacheRead: one.cacheRead + other.cacheRead,
  cacheWrite: one.cacheWrite + other.cacheWrite,
});

const countTokens = ({ input, output, cacheRead, cacheWrite }: Usage): number => input + output + cacheRead + cacheWrite;

/** Computes what a use costs, in dollars; undefined for a model whose price is not known. */
const priceOf = (modelId: string, usage: Usage): number | undefined => {
  const [, geography, model = "", vendor] = MODEL_ID.exec(modelId) ?? [];
  const price = PRICES[model];
  if (price === undefined) return undefined;
  const factor = vendor === "anthropic" && geography !== "global" ? GEOGRAPHY_FACTOR : 1;
  const kinds = Object.keys(price) as (keyof Usage)[];
  return kinds.reduce((sum, kind) => sum + (factor * price[kind] * usage[kind]) / 1_000_000, 0);
};

/** Describes a use to people: `1,234 tokens ($0.0123)`. */
const describeUsage = (modelId: string, usage: Usage): string => {
  const dollars = priceOf(modelId, usage);
  const tokens = `${countTokens(usage).toLocaleString("en-US")} tokens`;
  return dollars === undefined ? tokens : `${tokens} ($${dollars.toFixed(4)})`;
};

export type { Usage };
export { addUsage, countTokens, describeUsage, NONE, priceOf };
