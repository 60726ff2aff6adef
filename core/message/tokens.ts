/** Splits messages into tokens: words, and annotations such as `#receipt`. */
import { createHash } from "node:crypto";
import { composeText, isAscii } from "#core/normalize";
import { unescapeMrkdwn } from "#core/slack/mrkdwn";

type Split = "words" | "annotations";
type Kind = "word" | "annotation";

interface TokenRules {
  /** Which tokens count: words only, or annotations only. */
  split: Split;
  /** Tokens that never count, in any case or Unicode form. */
  ignoreWords: readonly string[];
}

type TokenCount = [token: string, count: number];

/** The key of a longer token is its beginning and its hash; a DynamoDB partition key holds 2,048 bytes. */
const MAX_TOKEN_BYTES = 1024;
/** How much of a long token stays readable in its key. */
const BEGINNING_BYTES = 128;

// Every pattern below takes linear time: what may follow a part never overlaps with the part itself.
const CODE = /```[\s\S]*?```|`[^`\n]+`/g;
const ANGLE_BRACKETS = /<([^<>]*)>/g;
const BARE_URL = /\bhttps?:\/\/[^\s<>]+/gi;
/** The contents of the patterns' character classes. */
interface Alphabet {
  letters: string;
  marks: string;
  digits: string;
  /** Letters in names of emoji. */
  emojiLetters: string;
}

/** Builds the patterns that depend on the alphabet. Those of any script take V8 several milliseconds, so each is built when a text needs it. */
const createPatterns = ({ letters, marks, digits, emojiLetters }: Alphabet) => {
  const inWord = letters + digits + marks;
  const run = `[${letters}${digits}][${inWord}]*`;
  // Inside: single apostrophes, hyphens, and the joiners of Persian and Indic scripts.
  const word = `${run}(?:(?:['-]|\\u200c|\\u200d)${run})*`;
  // A hashtag may also have `_`, `+`, `.` and `-` inside, even several in a row, if a letter or digit follows.
  const hashtag = `(?<![${inWord}])#${run}(?:(?:'|\\u200c|\\u200d|[_+.-]+)${run})*`;
  const inEmoji = `${emojiLetters}${marks}${digits}_+'-`;
  return {
    word: lazily(() => new RegExp(word, "gu")),
    token: lazily(() => new RegExp(`${hashtag}|${word}`, "gu")),
    /** Characters after a hashtag that show that only its beginning matched: `#c++`, `#team/a`. */
    continued: lazily(() => new RegExp(`\\+|[/\\\\&@=\\u00B7][${letters}${digits}]`, "uy")),
    /** Emoji names: `:tada:`, or several in a row, such as `:thumbsup::skin-tone-4:`. */
    emoji: lazily(() => new RegExp(`(?<![${inWord}:])(?::[${inEmoji}]{1,100}:)+`, "gu")),
    /** The same right after a word: `done:tada:`. Times and ratios don't match, because the name needs a letter and no word may follow. */
    emojiAfterWord: lazily(() => {
      const name = `:(?=[${digits}_+'-]*[${emojiLetters}])[${inEmoji}]{2,100}:`;
      return new RegExp(`(?<=[${inWord}])${name}(?::[${inEmoji}]{1,100}:)*(?![${letters}${digits}:])`, "gu");
    }),
  };
};

const lazily = <T>(build: () => T): (() => T) => {
  let built: T | undefined;
  return () => (built ??= build());
};

const UNICODE: Alphabet = { letters: "\\p{L}", marks: "\\p{M}", digits: "\\p{N}", emojiLetters: "\\p{Ll}\\p{Lm}\\p{Lo}" };
const ANY_SCRIPT = createPatterns(UNICODE);
const ASCII = createPatterns({ letters: "A-Za-z", marks: "", digits: "0-9", emojiLetters: "a-z" });

const patternsOf = (text: string) => (isAscii(text) ? ASCII : ANY_SCRIPT);

/** Lists the variants of a character: keyboards, languages and full-width text write the same word differently. */
const listVariants = (): [pattern: RegExp, character: string][] => [
  [/[\u00B4\u02B9\u02BB-\u02BD\u055A\u05F3\u2018\u2019\u201B\u2032\uA78B\uA78C\uFF07]/g, "'"],
  [/[\u058A\u05BE\u1400\u1806\u2010\u2011\uFE63\uFF0D]/g, "-"],
  [/[\uFE5F\uFF03]/g, "#"],
  [/\uFF3F/g, "_"],
  [/[\uFE62\uFF0B]/g, "+"],
  [/[\uFE52\uFF0E]/g, "."],
];

/** Removes the parts of an address that people usually omit. */
const shortenAddress = (address: string): string =>
  address
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:\/\/|mailto:|tel:)?(?:www\.)?/, "")
    .replace(/(?:\/|\.\.\.|\u2026)$/, "");

/** What people write between the digits of a telephone number. */
const NUMBER_SIGNS = /[\s()./-]/g;

/** Tells whether a link's label only repeats its address or a part of it. A single word is not an address. */
const isRepeated = (address: string, label: string): boolean => {
  const [whole, shown] = [shortenAddress(address), shortenAddress(label)];
  const isAddress = /[./@]/.test(shown) && !/\s/.test(shown);
  const isNumber = /^\s*tel:/i.test(address) && whole.replace(NUMBER_SIGNS, "") === shown.replace(NUMBER_SIGNS, "");
  return whole === shown || isNumber || (isAddress && (whole.startsWith(shown) || whole.endsWith(shown)));
};

/** Replaces `<...>` by a link's label, unless it repeats the address. Mentions and bare addresses disappear. */
const readBrackets = (inside: string): string => {
  if (/^[@#!]/.test(inside)) return " ";
  const bar = inside.indexOf("|");
  if (bar === -1) return " ";
  const label = inside.slice(bar + 1);
  return isRepeated(inside.slice(0, bar), label) ? " " : ` ${label} `;
};

/**
 * Drops invisible characters, which belong to the word around them: soft hyphens, marks of direction, variation selectors, fillers and the like. An Arabic
 * tatweel only stretches a word. The emoji of digits, `#` and `*` count as a space.
 */
const dropInvisible = (text: string): string =>
  text
    .replace(/[0-9#*]\uFE0F?\u20E3/g, " ")
    .replace(/(?![\u200B-\u200D])\p{Default_Ignorable_Code_Point}|\u0640/gu, "")
    // In these scripts, joiners only separate ligatures.
    .replace(/(?<=[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])[\p{M}\u200C\u200D]+/gu, run => run.replace(/[\u200C\u200D]/g, ""));

/** Drops invisible characters, composes letters, and unifies variants of a character. */
const unifyText = (text: string): string =>
  isAscii(text)
    ? text
    : listVariants().reduce(
        (read, [pattern, character]) => read.replace(pattern, character),
        composeText(dropInvisible(text.toWellFormed())),
      );

const removeEmoji = (text: string): string => {
  const { emoji, emojiAfterWord } = patternsOf(text);
  return text.includes(":") ? text.replace(emoji(), " ").replace(emojiAfterWord(), " ") : text;
};

/** Converts Slack's text to plain text: without mentions, addresses, emoji, code and entities. */
const cleanText = (text: string): string =>
  removeEmoji(
    unescapeMrkdwn(
      unifyText(text)
        .replace(CODE, " ")
        .replace(ANGLE_BRACKETS, (_, inside: string) => readBrackets(inside)),
    ).replace(BARE_URL, " "),
  );

/** Finds the longest beginning that fits, without half a character or a hyphen at its end. */
const cutToBytes = (text: string, maxBytes: number): string => {
  const bytes = Buffer.from(text);
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end).replace(new RegExp(`[^${UNICODE.letters}${UNICODE.digits}${UNICODE.marks}]+$`, "u"), "");
};

const keyOf = (token: string): string => {
  if (Buffer.byteLength(token) <= MAX_TOKEN_BYTES) return token;
  return `${cutToBytes(token, BEGINNING_BYTES)}-${createHash("sha256").update(token).digest("hex")}`;
};

/** Composes the token again, because lower case can split a letter (İ becomes i and a dot). */
const normalizeToken = (token: string): string => keyOf(composeText(token.toLowerCase()));

/** Tells a word from an annotation. */
const kindOf = (token: string): Kind => (token.startsWith("#") ? "annotation" : "word");

/** Tells whether characters that no hashtag contains follow the match. */
const isContinued = (continued: RegExp, text: string, end: number): boolean => {
  continued.lastIndex = end;
  return continued.test(text);
};

/** Splits a text into tokens. A hashtag that matches only in part becomes words. */
const splitText = (text: string): string[] => {
  const clean = cleanText(text);
  const { word, token: pattern, continued } = patternsOf(clean);
  return Array.from(clean.matchAll(pattern())).flatMap(({ 0: token, index }) => {
    const isCut = kindOf(token) === "annotation" && isContinued(continued(), clean, index + token.length);
    return (isCut ? (token.match(word()) ?? []) : [token]).map(normalizeToken);
  });
};

/** Tells whether a text contains any token, even one that does not count. */
const hasTokens = (text: string): boolean => {
  const clean = cleanText(text);
  return clean.search(patternsOf(clean).token()) !== -1;
};

/** Counts the tokens of a text, in order of first appearance, in linear time. */
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
export { countTokens, hasTokens, kindOf, MAX_TOKEN_BYTES, splitText };
