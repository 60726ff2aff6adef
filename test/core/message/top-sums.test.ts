import { expect } from "chai";
import fc from "fast-check";
import type { TokenCount } from "#core/message/tokens";
import { findTopSums, type Rankings, type RowKey, sortTop } from "#core/message/top-sums";

type Day = Record<string, number>;

/** Rankings in memory. Rows with a count of zero don't show in them. */
const createRankings = (days: Day[]) => {
  const read = { rows: 0, keys: 0 };
  const rankings = days.map(day => sortTop(Object.entries(day).filter(([, count]) => count > 0)));
  const starts = days.map(() => 0);
  return {
    read,
    size: days.length,
    callsAtOnce: 3,
    firstRows: 100,
    readPage: async (ranking: number, maxRows: number) => {
      const [start, ranked] = [starts[ranking]!, rankings[ranking]!];
      const rows = ranked.slice(start, start + maxRows);
      starts[ranking] = start + rows.length;
      read.rows += rows.length;
      return { rows, frontier: start + maxRows >= ranked.length ? 0 : rows.at(-1)![1] };
    },
    readCounts: async (keys: readonly RowKey[]) => {
      read.keys += keys.length;
      return keys.map(([ranking, token]) => days[ranking]![token] ?? 0);
    },
  } satisfies Rankings & { read: object };
};

const addUp = (days: Day[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const [token, count] of days.flatMap(day => Object.entries(day))) sums.set(token, (sums.get(token) ?? 0) + count);
  return sums;
};

describe("top-sums", () => {
  // Some tokens are frequent, many are not, and many have the same count.
  const count = fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(1000));
  const token = fc.integer({ min: 0, max: 700 }).map(index => `w${index}`);
  const day = fc.array(fc.tuple(token, count), { maxLength: 500 }).map(rows => Object.fromEntries(rows) as Day);

  it("finds the same sums as adding up everything", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(day, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 50 }), async (days, limit) => {
        const sums = addUp(days);
        const found = await findTopSums(createRankings(days), limit);
        const best = sortTop([...sums].filter(([, sum]) => sum > 0)).slice(0, limit);
        // Which of several tokens with the last sum are found is left open.
        expect(found.map(([, sum]) => sum)).to.deep.equal(best.map(([, sum]) => sum));
        expect(found).to.deep.equal(sortTop(found.map(([word]): TokenCount => [word, sums.get(word)!])));
      }),
      { numRuns: 60 },
    );
  });

  it("finds a token that leads on no single day", async () => {
    const days = Array.from({ length: 30 }, (_, index): Day => {
      const leaders = Array.from({ length: 150 }, (_, rank) => [`day${index}-${rank}`, 60] as const);
      return { ...Object.fromEntries(leaders), steady: 50 };
    });
    expect(await findTopSums(createRankings(days), 1)).to.deep.equal([["steady", 1500]]);
  });

  it("reads one page of each day, and few counts, where the same words lead each day", async () => {
    const days = Array.from({ length: 30 }, (_, index): Day => {
      const rows = Array.from(
        { length: 5000 },
        (_, rank) => [`w${(rank * (1 + (index % 2))) % 5000}`, Math.ceil(10_000 / (rank + 1))] as const,
      );
      return Object.fromEntries(rows);
    });
    const rankings = createRankings(days);
    await findTopSums(rankings, 10);
    expect(rankings.read).to.have.property("rows", 30 * 100);
    expect(rankings.read.keys).to.be.within(1, 1000);
  });
});
