/** A ranking that an index keeps under several partition keys, its shards: they are read side by side, as one, from the highest level on. */

import type { Deadline } from "#core/deadline";
import { highestOf, lowestOf } from "#core/message/levels";
import { BY_LEVEL } from "#core/message/tables";
import { runSideBySide } from "#core/side-by-side";
import type { Page, Table } from "#stores/table";

interface Shard {
  ranking: string;
  next: Page<unknown>["next"];
  /** No row that was not read yet has a higher count. */
  frontier: number;
  isFinished: boolean;
}

class ShardedRanking<Key extends object> {
  readonly #shards: Shard[];

  /** `leastLevel`: the lowest level of rows in the index. */
  constructor(
    private readonly table: Table,
    rankings: readonly string[],
    private readonly leastLevel: number,
  ) {
    this.#shards = rankings.map(ranking => ({ ranking, next: undefined, frontier: Number.POSITIVE_INFINITY, isFinished: false }));
  }

  /** The highest count that a row may have which was not read yet. After the last page, only rows below `leastLevel` are left. */
  get frontier(): number {
    return Math.max(...this.#shards.map(({ frontier }) => frontier));
  }

  get isFinished(): boolean {
    return this.#shards.every(({ isFinished }) => isFinished);
  }

  /** Reads the keys of the next rows of each shard. The index may lag by a moment. Throws `NotDurable`, or an `AggregateError` of several. */
  async readOn(maxRows: number, callsAtOnce: number, deadline: Deadline): Promise<Key[]> {
    const found: Key[] = [];
    const unfinished = this.#shards.filter(({ isFinished }) => !isFinished);
    await runSideBySide(unfinished, callsAtOnce, async shard => {
      const { rows, next } = await this.table.queryPage<Key & { level: number }>(this.buildQuery(shard, maxRows), deadline);
      const last = rows.at(-1);
      Object.assign(shard, {
        next,
        isFinished: next === undefined,
        frontier: next === undefined ? lowestOf(this.leastLevel) - 1 : last === undefined ? shard.frontier : highestOf(last.level),
      });
      found.push(...rows);
    });
    return found;
  }

  private buildQuery({ ranking, next }: Shard, maxRows: number) {
    return {
      IndexName: BY_LEVEL.name,
      KeyConditionExpression: "ranking = :ranking",
      ExpressionAttributeValues: { ":ranking": ranking },
      ScanIndexForward: false,
      Limit: maxRows,
      ExclusiveStartKey: next,
    };
  }
}

export { ShardedRanking };
