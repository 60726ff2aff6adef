/** Unicode normalization and case folding in linear time. Nothing else calls `normalize`: the engine sorts long runs of marks in quadratic time. */

/** Unicode's limit for marks in a row; no language comes near it. Source: https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format */
const MAX_MARKS = 30;

// One character decomposes into four at most, so the marks of a shorter run are never more than 30. U+FF9E and U+FF9F become marks in NFKC.
const LONG_RUN = /[^\p{M}\uFF9E\uFF9F]?[\p{M}\uFF9E\uFF9F]{7,}/gu;
const MARKS = /[\p{M}\uFF9E\uFF9F]/gu;
const BEFORE_MARKS = /^[^\p{M}\uFF9E\uFF9F]*/u;

/** Keeps 30 different marks of a longer run. They are chosen by code point, so that equivalent runs keep the same ones. */
const cutRun = (run: string): string => {
  const decomposed = Array.from(run, character => character.normalize("NFD")).join("");
  const marks = decomposed.match(MARKS) ?? [];
  if (marks.length <= MAX_MARKS) return run;
  const [letter = ""] = BEFORE_MARKS.exec(decomposed) ?? [];
  return letter + [...new Set(marks)].sort().slice(0, MAX_MARKS).join("");
};

/** Composes a text (NFC): equivalent texts become equal. Of more than 30 marks in a row, only 30 different ones stay. */
const composeText = (text: string): string => text.replace(LONG_RUN, cutRun).normalize("NFC");

/** Takes a text apart (NFKD): letters, then their marks, full-width and other compatible forms as the plain ones. */
const decomposeText = (text: string): string => text.replace(LONG_RUN, cutRun).normalize("NFKD");

// Unicode's full case folding, one character at a time: first lower case for ẞ and İ, then upper case for ß and ς. Only the
// dotless ı must not become i. The tests hold this to what the engine's own patterns take for equal.
const foldCharacter = (character: string): string => (character === "ı" ? character : character.toLowerCase().toUpperCase().toLowerCase());

const foldCase = (text: string): string => Array.from(text, foldCharacter).join("").normalize("NFKC");

/**
 * Folds a text so that texts which differ in case or in compatible forms only become equal: ＳＴ and st, GRÖSSE and größe.
 * Source: https://www.unicode.org/versions/latest/core-spec/chapter-3/#G53513 (compatibility caseless match)
 */
const foldText = (text: string): string => foldCase(foldCase(text.replace(LONG_RUN, cutRun).normalize("NFKC")));

export { composeText, decomposeText, foldText };
