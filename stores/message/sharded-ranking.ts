/** Reads a ranking whose index has several partition keys, its shards. They are read side by side, from the highest level down, as if they were one. */

import type { Deadline } from "#core/deadline";
import { highestOf, lowestOf } from "#core/message/levels";
import { BY_LEVEL } from "#core/message/tables";
import { runSideBySide } from "#core/side-by-side";
import type { Page, Table } from "#stores/table";

interface Shard {
  ranking: string;
  next: Page<unknown>["next"];
  /** The highest count that an unread row of this shard may have. */
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

  /** The highest count that an unread row may have. After the last page, only rows below `leastLevel` are unread, since they are not in the index. */
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
