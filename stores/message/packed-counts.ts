/** Counts of tokens as an attribute of a row. */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { TokenCount } from "#core/message/tokens";

/** Longer lists are deflated: a row holds 400 KB, and two lists of 20,000 tokens need more. */
const MAX_PLAIN_BYTES = 32 * 1024;

const packCounts = (tokens: readonly TokenCount[]): string => {
  const json = JSON.stringify(tokens);
  return Buffer.byteLength(json) <= MAX_PLAIN_BYTES ? json : deflateRawSync(json).toString("base64");
};

/** Base64 has no brackets. */
const unpackCounts = (packed: string): TokenCount[] =>
  JSON.parse(packed.startsWith("[") ? packed : inflateRawSync(Buffer.from(packed, "base64")).toString()) as TokenCount[];

export { packCounts, unpackCounts };
