/** Unicode normalization and case folding in linear time. Nothing else may call `normalize`: it takes quadratic time for long runs of marks. */

/** Unicode's limit for consecutive marks; no language comes near it. Source: https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format */
const MAX_MARKS = 30;

/**
 * Marks, for a pattern's character class. NFKC turns U+FF9E and U+FF9F into marks. Patterns with classes of Unicode are built when a text needs them: V8
 * would build literals while it reads the module, and every few of them cost a door's cold start a millisecond.
 */
const MARKS = "\\p{M}\\uFF9E\\uFF9F";

/** Keeps 30 different marks of a longer run. Chooses by code point, so that equivalent runs keep the same marks. */
const cutRun = (run: string): string => {
  const decomposed = Array.from(run, character => character.normalize("NFD")).join("");
  const marks = decomposed.match(new RegExp(`[${MARKS}]`, "gu")) ?? [];
  if (marks.length <= MAX_MARKS) return run;
  const [letter = ""] = new RegExp(`^[^${MARKS}]*`, "u").exec(decomposed) ?? [];
  return letter + [...new Set(marks)].sort().slice(0, MAX_MARKS).join("");
};

// A character decomposes into at most four, so a shorter run never has more than 30 marks.
const cutRuns = (text: string): string => text.replace(new RegExp(`[^${MARKS}]?[${MARKS}]{7,}`, "gu"), cutRun);

/** Tells whether a text has ASCII characters only. Others take two bytes or more. */
const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

/** Composes a text (NFC), so that equivalent texts become equal. Keeps at most 30 different marks in a row. */
const composeText = (text: string): string => (isAscii(text) ? text : cutRuns(text).normalize("NFC"));

/** Decomposes a text (NFKD) into letters and their marks. Full-width and other compatible forms become plain ones. */
const decomposeText = (text: string): string => cutRuns(text).normalize("NFKD");

// Unicode's full case folding, one character at a time: first lower case for ẞ and İ, then upper case for ß and ς. Only the
// dotless ı must not become i. A test compares this with case-insensitive regular expressions.
const foldCharacter = (character: string): string => (character === "ı" ? character : character.toLowerCase().toUpperCase().toLowerCase());

const foldCase = (text: string): string => Array.from(text, foldCharacter).join("").normalize("NFKC");

/**
 * Folds a text, so that texts that differ only in case or in compatible forms become equal: ＳＴ and st, GRÖSSE and größe.
 * Source: https://www.unicode.org/versions/latest/core-spec/chapter-3/#G53513 (compatibility caseless match)
 */
const foldText = (text: string): string => foldCase(foldCase(cutRuns(text).normalize("NFKC")));

export { composeText, decomposeText, foldText, isAscii };
