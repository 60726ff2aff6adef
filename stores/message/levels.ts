/**
 * Keeps the levels of counters, by which an index finds the highest ones. A level only rises: it says how high the count has been at least, so no
 * counter has a higher count than its level allows, and a reader looks at the counts themselves.
 *
 * Whoever adds to a counter raises its level afterwards. That needs no transaction: it may be repeated, and a message is not done before it.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { levelOf } from "#core/message/levels";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";
import { batchGet } from "#stores/batch-get";
import type { Addition } from "#stores/count-once";
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
    for (const name of new Set(indexed.map(({ table }) => table))) {
      await this.raiseIn(
        new Table(this.client, name),
        indexed.filter(({ table }) => table === name),
        deadline,
      );
    }
  }

  private async raiseIn(table: Table, counters: readonly Counter[], deadline: Deadline): Promise<void> {
    const least = new Map(counters.map(({ key, leastLevel = 0 }) => [nameOf(key), leastLevel]));
    const keys = [...new Map(counters.map(({ key }) => [nameOf(key), key])).values()];
    const names = Object.keys(keys[0]!);
    const rows = await batchGet<Row & LevelRow>(table, keys, [...names, "count", "level"], deadline);
    await runSideBySide(rows, MAX_CALLS, async ({ count = 0, level = -1, ...key }) => {
      const due = levelOf(count);
      if (due > level && due >= least.get(nameOf(key))!) await this.set(table, key, due, deadline);
    });
  }

  private async set(table: Table, key: Row, level: number, deadline: Deadline): Promise<void> {
    await table.updateIf(
      {
        Key: key,
        UpdateExpression: "SET #level = :level",
        // Somebody else may have raised it further, and a row that has been deleted must not come back.
        ConditionExpression: "attribute_exists(#count) AND (attribute_not_exists(#level) OR #level < :level)",
        ExpressionAttributeNames: { "#level": "level", "#count": "count" },
        ExpressionAttributeValues: { ":level": level },
      },
      deadline,
    );
  }
}

/** The counters of a hot word are not in the index. */
const levelIn = (set: object, leastLevel: number): Pick<Addition, "leastLevel"> => ("ranking" in set ? { leastLevel } : {});

/** Rows of a batch come in any order, with their attributes in any order. */
const nameOf = (key: Row): string => JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));

export { Levels, levelIn };
