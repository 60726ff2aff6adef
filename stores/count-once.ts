/** Adds numbers to counters exactly once: the additions and the markers that prove them are one transaction. */
import { randomUUID } from "node:crypto";
import {
  type DynamoDBClient,
  type Put,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { retryUntil } from "#stores/retry";
import { buildInput, parseRow, type Row } from "#stores/table";

/** A row to put, which must not exist yet unless it replaces another. */
interface Marker {
  table: string;
  /** The name of the table's partition key. */
  keyName: string;
  row: Row;
  /** An attribute, and its value in the row that this one replaces. */
  replaces?: readonly [name: string, value: string];
}

/** Numbers to add to attributes of a row, usually to `count`, and other attributes to set. */
interface Addition {
  table: string;
  key: Row;
  add: Readonly<Record<string, number>>;
  set: Row;
  /** From which level on the index has the row. Undefined if it never has. */
  leastLevel?: number;
}

/** A transaction holds up to 100 items. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MAX_ITEMS = 100;

const buildPut = ({ table, keyName, row, replaces }: Marker, attempt: string): TransactWriteItem => {
  const [name, value] = replaces ?? [keyName];
  return {
    Put: buildInput<Put>(table, {
      Item: { ...row, attempt },
      ConditionExpression: value === undefined ? "attribute_not_exists(#name)" : "#name = :value",
      ExpressionAttributeNames: { "#name": name },
      ...(value === undefined ? {} : { ExpressionAttributeValues: { ":value": value } }),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    }),
  };
};

const buildUpdate = ({ table, key, add, set }: Addition): TransactWriteItem => {
  const settings = Object.entries(set).filter(([, value]) => value !== undefined);
  const all = [...settings, ...Object.entries(add)];
  const [sets, adds] = [all.map((_, index) => `#a${index} = :a${index}`), all.map((_, index) => `#a${index} :a${index}`)];
  return {
    Update: buildInput<Update>(table, {
      Key: key,
      UpdateExpression: `SET ${sets.slice(0, settings.length).join(", ")} ADD ${adds.slice(settings.length).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries(all.map(([name], index) => [`#a${index}`, name])),
      ExpressionAttributeValues: Object.fromEntries(all.map(([, value], index) => [`:a${index}`, value])),
    }),
  };
};

class CountOnce {
  constructor(private readonly client: DynamoDBClient) {}

  /**
   * Puts the markers and adds the numbers, all or nothing. Returns undefined if this call did it, or else the marker that existed before.
   *
   * A write whose answer was lost is retried like any other failure. Each call signs its markers with a nonce, so it recognises its own
   * earlier write and does not take itself for a duplicate. Throws `NotDurable` when time runs out.
   */
  async add<R>(markers: Marker[], additions: Addition[], deadline: Deadline): Promise<R | undefined> {
    const attempt = randomUUID();
    const items = [...markers.map(marker => buildPut(marker, attempt)), ...additions.map(buildUpdate)];
    const existing = await retryUntil(deadline, () => this.write(items, deadline));
    return existing?.attempt === attempt ? undefined : (existing as R | undefined);
  }

  /** Sends one transaction with a fresh request token. Returns the marker that exists already, if there is one. */
  async write(items: TransactWriteItem[], deadline: Deadline): Promise<{ attempt?: string } | undefined> {
    try {
      await this.client.send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: randomUUID() }), {
        abortSignal: deadline.signal(),
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const failed = error.CancellationReasons?.find(reason => reason.Code === "ConditionalCheckFailed");
      if (failed === undefined) throw error;
      return parseRow(failed.Item) ?? {};
    }
  }
}

export type { Addition, Marker };
export { CountOnce, MAX_ITEMS };
