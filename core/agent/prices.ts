/**
 * What models of Amazon Bedrock cost, in US dollars per million tokens, on demand in us-east-1.
 * Source: https://aws.amazon.com/bedrock/pricing/, as of 2025-11
 */

/** Tokens of one or several calls of a model. A type rather than an interface, so that the compiler accepts it as JSON. */
type Usage = { input: number; output: number; cacheRead: number; cacheWrite: number };

type Price = Record<keyof Usage, number>;

/** By a part of the model's id. */
const PRICES: [model: string, price: Price][] = [
  ["claude-sonnet-4", { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }],
  ["claude-3-5-haiku", { input: 0.8, output: 4, cacheRead: 0.08, cacheWrite: 1 }],
  ["nova-pro", { input: 0.8, output: 3.2, cacheRead: 0.2, cacheWrite: 0 }],
  ["nova-lite", { input: 0.06, output: 0.24, cacheRead: 0.015, cacheWrite: 0 }],
  ["nova-micro", { input: 0.035, output: 0.14, cacheRead: 0.00875, cacheWrite: 0 }],
];

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
  const price = PRICES.find(([model]) => modelId.includes(model))?.[1];
  if (price === undefined) return undefined;
  const kinds = Object.keys(price) as (keyof Usage)[];
  return kinds.reduce((sum, kind) => sum + (price[kind] * usage[kind]) / 1_000_000, 0);
};

/** Describes a use to people: `1,234 tokens ($0.0123)`. */
const describeUsage = (modelId: string, usage: Usage): string => {
  const dollars = priceOf(modelId, usage);
  const tokens = `${countTokens(usage).toLocaleString("en-US")} tokens`;
  return dollars === undefined ? tokens : `${tokens} ($${dollars.toFixed(4)})`;
};

export type { Usage };
export { addUsage, countTokens, describeUsage, NONE, priceOf };
