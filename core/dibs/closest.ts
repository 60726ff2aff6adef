/** Finds what somebody may have meant. */
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

/** How many letters have to be added, left out, replaced or swapped with their neighbour to make one word of the other. */
const countEdits = (from: string, to: string): number => {
  let twoBack: number[] = [];
  let back = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isEqual = from[row - 1] === to[column - 1];
      let edits = Math.min(back[column]! + 1, current[column - 1]! + 1, back[column - 1]! + (isEqual ? 0 : 1));
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) edits = Math.min(edits, twoBack[column - 2]! + 1);
      current.push(edits);
    }
    [twoBack, back] = [back, current];
  }
  return back[to.length]!;
};

/** Words longer than any command or name are not compared: the work grows with the square. */
const MAX_CHARACTERS = 64;

/** Finds the word that looks like the written one, or else the nearest within a third of its letters. Undefined if there is none. */
const findClosest = (written: string, words: readonly string[]): string | undefined => {
  if (written.length > MAX_CHARACTERS) return undefined;
  const skeleton = buildSkeleton(written);
  const scored = words
    .filter(word => word.length <= MAX_CHARACTERS && word !== written)
    .map(word => ({ word, edits: buildSkeleton(word) === skeleton ? 0 : countEdits(written, word) }))
    .filter(({ word, edits }) => edits <= Math.max(1, Math.floor(word.length / 3)))
    // Of equals, the one that was begun.
    .sort((a, b) => a.edits - b.edits || Number(b.word.startsWith(written)) - Number(a.word.startsWith(written)));
  return scored[0]?.word;
};

export { findClosest };
