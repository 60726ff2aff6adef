/**
 * Keeps the levels of counters. An index orders counters by level, to find the highest counts.
 *
 * Whoever adds to a counter then raises its level in a second transaction, which may be repeated, and only then is the message done. After that, no count
 * is above its level's range. It may be below, because a level never falls when a count does, so readers look up the counts themselves.
 */
import { type DynamoDBClient, TransactionCanceledException, TransactWriteItemsCommand, type Update } from "@aws-sdk/client-dynamodb";
import { chunk } from "#core/chunks";
import type { Deadline } from "#core/deadline";
import { levelOf } from "#core/message/levels";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";
import { batchGet } from "#stores/batch-get";
import { type Addition, MAX_ITEMS } from "#stores/count-once";
import { Incomplete, retryUntil } from "#stores/retry";
import { type Row, Table } from "#stores/table";

/** A counter that the index may have. */
type Counter = Pick<Addition, "table" | "key" | "leastLevel">;

interface LevelRow {
  count?: number;
  level?: number;
}

class Levels {
  constructor(private readonly client: DynamoDBClient) {}

  /** Raises the levels that are below those of the counts. Skips counters that the index never has. Idempotent. Throws `NotDurable`. */
  async raise(counters: readonly Counter[], deadline: Deadline): Promise<void> {
    const indexed = counters.filter(({ leastLevel }) => leastLevel !== undefined);
    const chunks = [...new Set(indexed.map(({ table }) => table))].flatMap(table => {
      const ofTable = indexed.filter(counter => counter.table === table);
      return chunk(ofTable, MAX_ITEMS).map(some => ({ table: new Table(this.client, table), counters: some }));
    });
    await runSideBySide(chunks, MAX_CALLS, async ({ table, counters: some }) => {
      await retryUntil(deadline, async () => this.write(await this.buildUpdates(table, some, deadline), deadline));
    });
  }

  private async buildUpdates(table: Table, counters: readonly Counter[], deadline: Deadline): Promise<Update[]> {
    const least = new Map(counters.map(({ key, leastLevel = 0 }) => [nameOf(key), leastLevel]));
    const keys = counters.map(({ key }) => key);
    const rows = await batchGet<Row & LevelRow>(table, keys, [...Object.keys(keys[0]!), "count", "level"], deadline);
    return rows.flatMap(({ count = 0, level = -1, ...key }) => {
      const due = levelOf(count);
      return due > level && due >= least.get(nameOf(key))! ? [buildUpdate(table, key, due)] : [];
    });
  }

  private async write(updates: Update[], deadline: Deadline): Promise<void> {
    if (updates.length === 0) return;
    const command = new TransactWriteItemsCommand({ TransactItems: updates.map(update => ({ Update: update })) });
    try {
      await this.client.send(command, { abortSignal: deadline.signal() });
    } catch (error) {
      const isOutdated =
        error instanceof TransactionCanceledException && error.CancellationReasons?.some(({ Code }) => Code === "ConditionalCheckFailed");
      throw isOutdated ? new Incomplete("A level has been raised, or a counter deleted, in the meantime.") : error;
    }
  }
}

const buildUpdate = (table: Table, key: Row, level: number): Update =>
  table.build<Update>({
    Key: key,
    UpdateExpression: "SET #level = :level",
    // Somebody else may have raised it further, and a row that has been deleted must not come back.
    ConditionExpression: "attribute_exists(#count) AND (attribute_not_exists(#level) OR #level < :level)",
    ExpressionAttributeNames: { "#level": "level", "#count": "count" },
    ExpressionAttributeValues: { ":level": level },
  });

/** The counters of a hot word are not in the index. */
const levelIn = (set: object, leastLevel: number): Pick<Addition, "leastLevel"> => ("ranking" in set ? { leastLevel } : {});

/** Rows of a batch come in any order, with their attributes in any order. */
const nameOf = (key: Row): string => JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));

export { Levels, levelIn };
