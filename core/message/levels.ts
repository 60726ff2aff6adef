/**
 * Levels of counts. An index that orders counters by level is written only when a count reaches the next level, which happens ever more rarely. An
 * index by count would be written twice each time: to delete the entry, and to put it elsewhere.
 */

/** Level 0 has the counts 1 to 3. Each further level ends at eight times as much. */
const FIRST_LEVEL = 4;
const GROWTH = 8;

/**
 * The lowest level in the index. The index of `words` has every word, because nothing else lists the words of a scope. Boards can be read whole, so
 * tokens that are said once or twice a day, which are most, cost the index nothing.
 */
const LEAST_LEVEL = { words: 0, boards: 1 };

const lowestOf = (level: number): number => (level === 0 ? 1 : FIRST_LEVEL * GROWTH ** (level - 1));

const highestOf = (level: number): number => lowestOf(level + 1) - 1;

/** The level of a count; -1 for zero and less. */
const levelOf = (count: number): number => {
  let level = -1;
  while (count >= lowestOf(level + 1)) level += 1;
  return level;
};

export { highestOf, LEAST_LEVEL, levelOf, lowestOf };
