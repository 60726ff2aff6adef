import { randomUUID } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { Deadline } from "#core/deadline";
import { CountKeys, type KeyLayout } from "#core/message/count-keys";
import type { TokenCount } from "#core/message/tokens";
import { sortTop } from "#core/message/top-sums";
import { CountOnce } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import { Levels } from "#stores/message/levels";
import { SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";
import { describeBoards, describeWords, Reindex } from "../../../scripts/reindex";
import { createTables, type Tables } from "../../dynamodb-endpoint";

/** What people say in one phase, under its settings. A negative count is an edit, or a deletion, of what was said before. */
interface Phase {
  boardShards: number;
  hotWords: string[];
  said: [token: string, by: number, day: number][];
  /** Whether the tables are reindexed at the end of the phase, while people speak, so that the earlier settings may be forgotten. */
  isReindexed: boolean;
}

const TOKENS = ["tea", "milk", "sugar", "lemon", "honey", "#tea", "#milk"];
const DAYS = ["2026-11-20", "2026-11-21"];
/** Short lists are the hard ones: what they show may depend on rows that are not among the first. */
const LIMIT = 1;

const phase: fc.Arbitrary<Phase> = fc.record({
  boardShards: fc.constantFrom(1, 2, 5),
  hotWords: fc.subarray(["tea", "#tea", "milk"]),
  said: fc.array(fc.tuple(fc.constantFrom(...TOKENS), fc.integer({ min: -4, max: 9 }), fc.nat(DAYS.length - 1)), {
    minLength: 1,
    maxLength: 12,
  }),
  isReindexed: fc.boolean(),
});

/** The counts by day as they must be. Takes out of the phases what would make one negative: nobody takes back more than was said. */
class Truth {
  readonly #days = DAYS.map(() => new Map<string, number>());

  say([token, by, day]: Phase["said"][number]): boolean {
    const counts = this.#days[day]!;
    const count = (counts.get(token) ?? 0) + by;
    if (count < 0) return false;
    counts.set(token, count);
    return true;
  }

  count(token: string, days: number[]): number {
    return days.reduce((sum, day) => sum + (this.#days[day]!.get(token) ?? 0), 0);
  }

  top(kind: "word" | "annotation", days: number[]): TokenCount[] {
    const tokens = TOKENS.filter(token => token.startsWith("#") === (kind === "annotation"));
    return sortTop(tokens.map((token): TokenCount => [token, this.count(token, days)]).filter(([, count]) => count > 0));
  }
}

/** Equal counts may come in any order at the end of a list. */
const countsOf = (top: TokenCount[]) => top.map(([, count]) => count);

describe("counts under changing settings", function () {
  this.timeout(300_000);

  let tables: Tables;
  before(async () => {
    tables = await createTables();
  });
  after(() => tables.stop());

  const soon = () => new Deadline(60_000);
  const reindex = async (keys: CountKeys) => {
    const script = new Reindex(tables.client, false, () => {});
    return [await script.handle(describeWords(tables.words, keys)), await script.handle(describeBoards(tables.boards, keys))];
  };

  it("are never lost, and never counted twice", async () => {
    let scopes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(phase, { minLength: 2, maxLength: 4 }), async phases => {
        scopes += 1;
        const scope = { team: "T0001", channel: `C${scopes}` };
        const boards = DAYS.map(period => ({ ...scope, period }));
        const truth = new Truth();
        // What an operator sets: the former values, until the tables are reindexed.
        const former: Pick<KeyLayout, "formerBoardShards" | "formerHotWords"> = { formerBoardShards: [1], formerHotWords: [] };
        let before = new CountKeys();
        for (const { boardShards, hotWords, said, isReindexed } of phases) {
          const keys = new CountKeys({ boardShards, hotWords, ...structuredClone(former) });
          const open = (layout: CountKeys) => ({
            words: new WordsTable(tables.client, tables.words, layout),
            table: new BoardsTable(tables.client, tables.boards, layout),
          });
          const say = (part: Phase["said"], { words, table }: ReturnType<typeof open>) =>
            Promise.all(
              part.map(async ([token, by, day], index) => {
                const ts = `${index}.${randomUUID()}`;
                const marker = new SeenTable(tables.client, tables.seen).buildEffectMarker(ts, 2_000_000_000);
                const additions = [
                  words.buildAddition(scope, [token, by], ts),
                  table.buildAddition(boards[day]!, [token, by], 2_000_000_000, ts),
                ];
                await new CountOnce(tables.client).add([marker], additions, soon());
                await new Levels(tables.client).raise(additions, soon());
              }),
            );
          const accepted = said.filter(each => truth.say(each));
          // Functions from before the change may still be running.
          const [early, late] = [accepted.slice(0, accepted.length / 2), accepted.slice(accepted.length / 2)];
          await Promise.all([say(early, open(before)), say(late, open(keys)), isReindexed && reindex(keys)]);

          const verify = async (reader: ReturnType<typeof open>) => {
            const wanted = TOKENS.map(token => truth.count(token, [0, 1]));
            expect(countsOf(await reader.words.readCounts(scope, TOKENS, soon()))).to.deep.equal(wanted);
            for (const kind of ["word", "annotation"] as const) {
              const all = truth.top(kind, [0, 1]);
              const top = await reader.words.readTop(scope, kind, LIMIT, soon());
              expect(countsOf(top)).to.deep.equal(countsOf(all.slice(0, LIMIT)));
              for (const limit of [LIMIT, 10])
                expect(countsOf(await reader.table.readTopSums(boards, kind, limit, soon()))).to.deep.equal(countsOf(all.slice(0, limit)));
              for (const [day, board] of boards.entries())
                expect(countsOf(await reader.table.readTop(board, kind, LIMIT, soon()))).to.deep.equal(
                  countsOf(truth.top(kind, [day]).slice(0, LIMIT)),
                );
            }
          };
          await verify(open(keys));
          before = keys;
          former.formerBoardShards = [...former.formerBoardShards, boardShards];
          former.formerHotWords = [...former.formerHotWords, ...hotWords];
          if (!isReindexed) continue;
          const reindexed = new CountKeys({ boardShards, hotWords });
          await reindex(reindexed);
          expect((await reindex(reindexed)).map(({ moved, unknown }) => moved + unknown)).to.deep.equal([0, 0]);
          await verify(open(reindexed));
          Object.assign(former, { formerBoardShards: [boardShards], formerHotWords: hotWords });
        }
      }),
      { numRuns: Number(process.env["FC_RUNS"] ?? 4) },
    );
  });
});
