/** A ranking that an index keeps under several partition keys, its shards: they are read side by side, as one. */
import type { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";
import type { Page, Table } from "#stores/table";

interface Shard {
  ranking: string;
  next: Page<unknown>["next"];
  /** The last count that was read; 0 at the end. */
  frontier: number;
}

class ShardedRanking<R extends { count: number }> {
  readonly #shards: Shard[];

  constructor(
    private readonly table: Table,
    private readonly index: string,
    rankings: readonly string[],
  ) {
    this.#shards = rankings.map(ranking => ({ ranking, next: undefined, frontier: Number.POSITIVE_INFINITY }));
  }

  /** No row that was not read yet has a higher count; 0 at the end. */
  get frontier(): number {
    return Math.max(...this.#shards.map(({ frontier }) => frontier));
  }

  /** Reads the next rows of each shard. The index may lag by a moment. Throws `NotDurable`, or an `AggregateError` of several. */
  async readOn(maxRows: number, callsAtOnce: number, deadline: Deadline): Promise<R[]> {
    const found: R[] = [];
    const unfinished = this.#shards.filter(({ frontier }) => frontier > 0);
    await runSideBySide(unfinished, callsAtOnce, async shard => {
      const { rows, next } = await this.table.queryPage<R>(this.buildQuery(shard, maxRows), deadline);
      shard.next = next;
      shard.frontier = next === undefined ? 0 : (rows.at(-1)?.count ?? shard.frontier);
      found.push(...rows);
    });
    return found;
  }

  private buildQuery({ ranking, next }: Shard, maxRows: number) {
    return {
      IndexName: this.index,
      // Tokens of edited or deleted messages may have a count of zero.
      KeyConditionExpression: "ranking = :ranking AND #count > :zero",
      ExpressionAttributeNames: { "#count": "count" },
      ExpressionAttributeValues: { ":ranking": ranking, ":zero": 0 },
      ScanIndexForward: false,
      Limit: maxRows,
      ExclusiveStartKey: next,
    };
  }
}

export { ShardedRanking };
