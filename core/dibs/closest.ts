/** Finds the word that somebody probably meant. */
import damerauLevenshtein from "damerau-levenshtein";
import { LOOK_ALIKES } from "#core/dibs/look-alikes";
import { decomposeText, foldText } from "#core/normalize";

const LATIN = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([latin, points]) =>
    points.split(" ").map((point): [string, string] => [String.fromCodePoint(Number.parseInt(point, 16)), latin]),
  ),
);

/** Builds a word's skeleton. Words that look the same have the same skeleton, whatever their scripts. */
const buildSkeleton = (word: string): string =>
  Array.from(decomposeText(foldText(word)), character => LATIN.get(character) ?? character).join("");

/** Longer words are not compared: no command or name has as many characters, and the work grows with the square of the length. */
const MAX_CHARACTERS = 64;

/**
 * Finds the word that looks like `written`, or else the word that is the fewest edits away. An edit adds, removes or replaces a letter, or
 * swaps two adjacent letters. At most a third of the word's letters may differ. Undefined if no word is that close.
 */
const findClosest = (written: string, words: readonly string[]): string | undefined => {
  if (written.length > MAX_CHARACTERS) return undefined;
  const skeleton = buildSkeleton(written);
  const scored = words
    .filter(word => word.length <= MAX_CHARACTERS && word !== written)
    .map(word => ({ word, edits: buildSkeleton(word) === skeleton ? 0 : damerauLevenshtein(written, word).steps }))
    .filter(({ word, edits }) => edits <= Math.max(1, Math.floor(word.length / 3)))
    // Between equals, prefer a word that begins with what was written.
    .sort((a, b) => a.edits - b.edits || Number(b.word.startsWith(written)) - Number(a.word.startsWith(written)));
  return scored[0]?.word;
};

export { findClosest };
