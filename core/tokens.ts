/** Splits what people say into tokens: words, and annotations such as `#receipt`. */
import { createHash } from "node:crypto";
import { unescapeMrkdwn } from "#core/mrkdwn";

type Split = "words" | "annotations";
type Kind = "word" | "annotation";

interface TokenRules {
  /** Which tokens count: words only, or annotations only. */
  split: Split;
  /** Tokens that never count, in any case or form. */
  ignoreWords: readonly string[];
}

/** A token and how often it was said. */
type TokenCount = [token: string, count: number];

/** A longer token is keyed by its beginning and its hash; a DynamoDB partition key holds 2,048 bytes. */
const MAX_TOKEN_BYTES = 1024;
/** How much of a long token stays readable in its key. */
const BEGINNING_BYTES = 128;

// Every pattern below is linear: what may follow a part never overlaps with the part itself.
const CODE = /```[\s\S]*?```|`[^`\n]+`/g;
const ANGLE_BRACKETS = /<([^<>]*)>/g;
const BARE_URL = /\bhttps?:\/\/[^\s<>]+/gi;
// Letters and digits of any script with their marks; inside, single apostrophes, hyphens and the joiners that Persian and Indic scripts spell with.
const TOKEN = /((?<![\p{L}\p{N}\p{M}])#)?[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:(?:['-]|\u200c|\u200d)[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;

/** What stays of `<...>`: nothing of a mention or an address, but a link's label, unless it only repeats the address. */
const readBrackets = (inside: string): string => {
  if (/^[@#!]/.test(inside)) return " ";
  const bar = inside.indexOf("|");
  if (bar === -1) return " ";
  const address = inside.slice(0, bar);
  const label = inside.slice(bar + 1);
  return address.includes(label) ? " " : ` ${label} `;
};

/** Turns Slack's text into plain text: no mentions, addresses or code, no entities, well-formed, composed. */
const cleanText = (text: string): string =>
  unescapeMrkdwn(text.replace(CODE, " ").replace(ANGLE_BRACKETS, (_, inside: string) => readBrackets(inside)))
    .replace(BARE_URL, " ")
    .toWellFormed()
    .normalize("NFC")
    // Keyboards differ in how they write the apostrophe and the hyphen; the word is the same.
    .replace(/\u2019/g, "'")
    .replace(/[\u2010\u2011]/g, "-");

/** The longest beginning that fits, without half a character or a dangling hyphen at its end. */
const cutToBytes = (text: string, maxBytes: number): string => {
  const bytes = Buffer.from(text);
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end).replace(/[^\p{L}\p{N}\p{M}]+$/u, "");
};

const keyOf = (token: string): string => {
  if (Buffer.byteLength(token) <= MAX_TOKEN_BYTES) return token;
  return `${cutToBytes(token, BEGINNING_BYTES)}-${createHash("sha256").update(token).digest("hex")}`;
};

/** Lower case can take a letter apart (İ becomes i and a dot), so the token is composed once more. */
const normalizeToken = (token: string): string => keyOf(token.toLowerCase().normalize("NFC"));

/** Tells a word from an annotation. */
const kindOf = (token: string): Kind => (token.startsWith("#") ? "annotation" : "word");

const splitText = (text: string): string[] => Array.from(cleanText(text).matchAll(TOKEN), match => normalizeToken(match[0]));

/** Tells whether a text holds any token at all, whatever of it counts. */
const hasTokens = (text: string): boolean => cleanText(text).search(TOKEN) !== -1;

/** Counts the tokens of a text, in order of first appearance; takes linear time. */
const countTokens = (text: string, rules: TokenRules): TokenCount[] => {
  const kind: Kind = rules.split === "words" ? "word" : "annotation";
  const ignored = new Set(splitText(rules.ignoreWords.join(" ")));
  const counts = new Map<string, number>();
  for (const token of splitText(text)) {
    if (kindOf(token) === kind && !ignored.has(token)) counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return [...counts];
};

export type { Kind, Split, TokenCount, TokenRules };
export { countTokens, hasTokens, kindOf, MAX_TOKEN_BYTES };
