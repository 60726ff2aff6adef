/**
 * Finds the tokens with the highest sums over several rankings, such as the days of a week, without reading the rankings to their ends.
 *
 * This is the threshold algorithm: R. Fagin, A. Lotem and M. Naor, "Optimal aggregation algorithms for middleware",
 * https://doi.org/10.1016/S0022-0000(03)00026-6. All rankings are read side by side, from their best rows. A token that none of them has shown
 * counts at most the sum of the last counts that were read. Once that is not above the last of the best sums, only the counts that the best
 * tokens still lack are read, by their keys.
 */
import type { TokenCount } from "#core/message/tokens";
import { runSideBySide } from "#core/side-by-side";

/** Names a row of one of the rankings. */
type RowKey = [ranking: number, token: string];

interface Page {
  /** Tokens with their whole counts in this ranking. */
  rows: TokenCount[];
  /** No token that the ranking has not shown has a higher count; 0 at its end. */
  frontier: number;
}

interface Rankings {
  /** How many rankings there are. */
  size: number;
  /** How many of them are read at once. */
  callsAtOnce: number;
  /** How many rows of each are read first. */
  firstRows: number;
  /** Reads the next rows of a ranking. */
  readPage(ranking: number, maxRows: number): Promise<Page>;
  /** Reads counts in the given order; 0 for a row that does not exist. */
  readCounts(keys: readonly RowKey[]): Promise<number[]>;
}

/** Every further page is so many times as long, so that even long rankings take few pages. */
const GROWTH = 4;
/** If more counts are lacking, reading on is cheaper. These take ten batches. */
const MAX_MISSING = 1000;

/** Sorts by count, then by token. */
const sortTop = (counts: TokenCount[]): TokenCount[] => counts.sort(([tokenA, a], [tokenB, b]) => b - a || (tokenA < tokenB ? -1 : 1));

/** What is known of the sums so far. */
class Sums {
  /** The counts that were read, by token and ranking. */
  readonly #known = new Map<string, Map<number, number>>();
  /** For each ranking, the highest count that a token not yet read from it can have. */
  readonly #frontiers: number[];

  constructor(
    size: number,
    private readonly limit: number,
  ) {
    this.#frontiers = Array.from({ length: size }, () => Number.POSITIVE_INFINITY);
  }

  /** The rankings that have more rows. */
  get unfinished(): number[] {
    return [...this.#frontiers.keys()].filter(ranking => this.#frontiers[ranking] !== 0);
  }

  addPage(ranking: number, { rows, frontier }: Page): void {
    for (const [token, count] of rows) this.add([ranking, token], count);
    this.#frontiers[ranking] = frontier;
  }

  add([ranking, token]: RowKey, count: number): void {
    const counts = this.#known.get(token) ?? new Map<number, number>();
    this.#known.set(token, counts.set(ranking, count));
  }

  /** Lists the counts without which the best tokens are not certain. Undefined if a token that was not read yet may be among them. */
  findMissing(): RowKey[] | undefined {
    const threshold = sum(this.#frontiers);
    const last = this.best()[this.limit - 1]?.[1] ?? 0;
    if (threshold > last) return undefined;
    return [...this.#known].flatMap(([token, counts]) => {
      const highest = threshold + sum([...counts].map(([ranking, count]) => count - this.#frontiers[ranking]!));
      return highest <= last ? [] : this.unfinished.filter(ranking => !counts.has(ranking)).map((ranking): RowKey => [ranking, token]);
    });
  }

  best(): TokenCount[] {
    const sums = [...this.#known].map(([token, counts]): TokenCount => [token, sum([...counts.values()])]);
    // A token that edits have taken back everywhere counts zero.
    return sortTop(sums.filter(([, count]) => count > 0)).slice(0, this.limit);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Returns the `limit` highest sums, exactly. Of several tokens with the last of these sums, it may return any. */
const findTopSums = async (rankings: Rankings, limit: number): Promise<TokenCount[]> => {
  const sums = new Sums(rankings.size, limit);
  for (let maxRows = rankings.firstRows; ; maxRows *= GROWTH) {
    await runSideBySide(sums.unfinished, rankings.callsAtOnce, async ranking => {
      sums.addPage(ranking, await rankings.readPage(ranking, maxRows));
    });
    const missing = sums.findMissing();
    if (missing === undefined || missing.length > MAX_MISSING) continue;
    const counts = missing.length === 0 ? [] : await rankings.readCounts(missing);
    for (const [index, key] of missing.entries()) sums.add(key, counts[index]!);
    return sums.best();
  }
};

export type { Page, Rankings, RowKey };
export { findTopSums, sortTop };
