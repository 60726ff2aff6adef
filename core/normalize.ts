/** Unicode normalization and case folding in linear time. Nothing else may call `normalize`: it takes quadratic time for long runs of marks. */

/** Unicode's limit for consecutive marks; no language comes near it. Source: https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format */
const MAX_MARKS = 30;

// A character decomposes into at most four, so a shorter run never has more than 30 marks. U+FF9E and U+FF9F become marks in NFKC.
const LONG_RUN = /[^\p{M}\uFF9E\uFF9F]?[\p{M}\uFF9E\uFF9F]{7,}/gu;
const MARKS = /[\p{M}\uFF9E\uFF9F]/gu;
const BEFORE_MARKS = /^[^\p{M}\uFF9E\uFF9F]*/u;

/** Keeps 30 different marks of a longer run. Chooses by code point, so that equivalent runs keep the same marks. */
const cutRun = (run: string): string => {
  const decomposed = Array.from(run, character => character.normalize("NFD")).join("");
  const marks = decomposed.match(MARKS) ?? [];
  if (marks.length <= MAX_MARKS) return run;
  const [letter = ""] = BEFORE_MARKS.exec(decomposed) ?? [];
  return letter + [...new Set(marks)].sort().slice(0, MAX_MARKS).join("");
};

/** Composes a text (NFC), so that equivalent texts become equal. Keeps at most 30 different marks in a row. */
const composeText = (text: string): string => text.replace(LONG_RUN, cutRun).normalize("NFC");

/** Decomposes a text (NFKD) into letters and their marks. Full-width and other compatible forms become plain ones. */
const decomposeText = (text: string): string => text.replace(LONG_RUN, cutRun).normalize("NFKD");

// Unicode's full case folding, one character at a time: first lower case for ẞ and İ, then upper case for ß and ς. Only the
// dotless ı must not become i. A test compares this with case-insensitive regular expressions.
const foldCharacter = (character: string): string => (character === "ı" ? character : character.toLowerCase().toUpperCase().toLowerCase());

const foldCase = (text: string): string => Array.from(text, foldCharacter).join("").normalize("NFKC");

/**
 * Folds a text, so that texts that differ only in case or in compatible forms become equal: ＳＴ and st, GRÖSSE and größe.
 * Source: https://www.unicode.org/versions/latest/core-spec/chapter-3/#G53513 (compatibility caseless match)
 */
const foldText = (text: string): string => foldCase(foldCase(text.replace(LONG_RUN, cutRun).normalize("NFKC")));

export { composeText, decomposeText, foldText };
