/** Adds numbers to counters exactly once: the additions and the markers that prove them are one transaction. */
import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { retryUntil } from "#stores/retry";

type Item = Record<string, AttributeValue>;

/** An item that must not exist yet. */
interface Marker {
  table: string;
  /** The name of the table's partition key. */
  keyName: string;
  item: Item;
}

/** A number to add to an item's `count`, and what else the item says. */
interface Addition {
  table: string;
  key: Item;
  by: number;
  set: Item;
}

/** A transaction holds 100 items. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MAX_ITEMS = 100;

const buildPut = ({ table, keyName, item }: Marker, attempt: string): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: { ...item, attempt: { S: attempt } },
    ConditionExpression: "attribute_not_exists(#key)",
    ExpressionAttributeNames: { "#key": keyName },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  },
});

const buildUpdate = ({ table, key, by, set }: Addition): TransactWriteItem => {
  const settings = Object.entries(set);
  return {
    Update: {
      TableName: table,
      Key: key,
      UpdateExpression: `SET ${settings.map((_, index) => `#s${index} = :s${index}`).join(", ")} ADD #count :by`,
      ExpressionAttributeNames: { "#count": "count", ...Object.fromEntries(settings.map(([name], index) => [`#s${index}`, name])) },
      ExpressionAttributeValues: {
        ":by": { N: String(by) },
        ...Object.fromEntries(settings.map(([, value], index) => [`:s${index}`, value])),
      },
    },
  };
};

class CountOnce {
  constructor(private readonly client: DynamoDBClient) {}

  /**
   * Puts the markers and adds the numbers, all or nothing. Returns undefined when this call did it, or the marker that was there before.
   *
   * A write whose answer was lost is repeated like any other failure. Each call signs its markers with a nonce, so it recognises its own
   * earlier write and does not take itself for a duplicate. Throws `NotDurable` when the time is up.
   */
  async add(markers: Marker[], additions: Addition[], deadline: Deadline): Promise<Item | undefined> {
    const attempt = randomUUID();
    const items = [...markers.map(marker => buildPut(marker, attempt)), ...additions.map(buildUpdate)];
    const existing = await retryUntil(deadline, () => this.write(items, deadline));
    return existing?.["attempt"]?.S === attempt ? undefined : existing;
  }

  /** Sends one transaction with a fresh request token; a marker that exists comes back. */
  async write(items: TransactWriteItem[], deadline: Deadline): Promise<Item | undefined> {
    try {
      await this.client.send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: randomUUID() }), {
        abortSignal: deadline.signal(),
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const failed = error.CancellationReasons?.find(reason => reason.Code === "ConditionalCheckFailed");
      if (failed === undefined) throw error;
      return failed.Item ?? {};
    }
  }
}

export type { Addition, Item, Marker };
export { CountOnce, MAX_ITEMS };
