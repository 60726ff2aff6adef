/** Counts of tokens as an attribute of a row. */
import type { TokenCount } from "#core/message/tokens";

/** Longer lists are deflated: a row holds 400 KB, and two lists of 20,000 tokens need more. */
const MAX_PLAIN_BYTES = 32 * 1024;

/** Loaded when it is needed, because few messages need it, and it takes two milliseconds of a cold start. */
const loadZlib = () => process.getBuiltinModule("node:zlib");

const packCounts = (tokens: readonly TokenCount[]): string => {
  const json = JSON.stringify(tokens);
  return Buffer.byteLength(json) <= MAX_PLAIN_BYTES ? json : loadZlib().deflateRawSync(json).toString("base64");
};

/** Base64 has no brackets. */
const unpackCounts = (packed: string): TokenCount[] =>
  JSON.parse(packed.startsWith("[") ? packed : loadZlib().inflateRawSync(Buffer.from(packed, "base64")).toString()) as TokenCount[];

export { packCounts, unpackCounts };
