/** In-memory DynamoDB and SNS with the operations that accepting a message needs. Can end the caller at any call. */
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";

type Item = Record<string, AttributeValue>;

/** Ends the calling process at its n-th call, from 1: before the call has an effect, or after it, so that the answer is lost. */
interface Kill {
  call: number;
  when: "before" | "after";
}

class Killed extends Error {
  override readonly name = "Killed";
}

class FakeCloud {
  readonly tables = new Map<string, Map<string, Item>>();
  readonly published: string[] = [];
  /** The message attributes of each of them. */
  readonly attributes: Record<string, string | undefined>[] = [];
  /** SNS refuses while it is down. */
  snsDown = false;

  private table(name: string): Map<string, Item> {
    const table = this.tables.get(name) ?? new Map<string, Item>();
    this.tables.set(name, table);
    return table;
  }

  private keyOf(item: Item): string {
    const { event_id, word, board, token } = item;
    return [event_id?.S, word?.S, board?.S, token?.S].join(" ").trim();
  }

  items(table: string): Item[] {
    return [...this.table(table).values()];
  }

  put(table: string, item: Item): void {
    this.table(table).set(this.keyOf(item), item);
  }

  /** The counts of words that are not zero. */
  counts(table: string): Record<string, number> {
    const counts = this.items(table).map(item => [item["word"]?.S, Number(item["count"]?.N)] as const);
    return Object.fromEntries(counts.filter(([, count]) => count !== 0));
  }

  run(command: unknown): unknown {
    if (command instanceof TransactWriteItemsCommand) return this.transact(command);
    if (command instanceof UpdateItemCommand) return this.update(command);
    if (command instanceof GetItemCommand)
      return { Item: this.table(command.input.TableName ?? "").get(this.keyOf(command.input.Key ?? {})) };
    if (command instanceof BatchGetItemCommand) return this.batchGet(command);
    if (command instanceof QueryCommand) return this.query(command);
    if (command instanceof PublishCommand) return this.publish(command);
    throw new Error(`the fake cloud does not know ${command}`);
  }

  private transact({ input: { TransactItems = [] } }: TransactWriteItemsCommand) {
    const reasons = TransactItems.map(({ Put, Update }) => {
      const row = Update && this.table(Update.TableName ?? "").get(this.keyOf(Update.Key ?? {}));
      const level = Number(Update?.ExpressionAttributeValues?.[":level"]?.N ?? Number.POSITIVE_INFINITY);
      if (Number(row?.["level"]?.N ?? -1) >= level) return { Code: "ConditionalCheckFailed" };
      const existing = Put && this.table(Put.TableName ?? "").get(this.keyOf(Put.Item ?? {}));
      const expected = Put?.ExpressionAttributeValues?.[":value"]?.S;
      const actual = expected === undefined ? existing : existing?.[Put?.ExpressionAttributeNames?.["#name"] ?? ""]?.S;
      return actual === expected ? { Code: "None" } : { Code: "ConditionalCheckFailed", ...(existing && { Item: existing }) };
    });
    if (reasons.some(({ Code }) => Code !== "None")) {
      throw new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons: reasons });
    }
    for (const { Put, Update } of TransactItems) {
      if (Put) this.table(Put.TableName ?? "").set(this.keyOf(Put.Item ?? {}), { ...Put.Item });
      if (Update) {
        const key = Update.Key ?? {};
        const item = this.table(Update.TableName ?? "").get(this.keyOf(key)) ?? { ...key };
        const { UpdateExpression = "", ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = Update;
        const sums: Item = {};
        for (const [, name = "", isSet, value = ""] of UpdateExpression.matchAll(/(#\w+) (= )?(:\w+)/g)) {
          const attribute = names[name]!;
          sums[attribute] = isSet ? values[value]! : { N: String(Number(item[attribute]?.N ?? 0) + Number(values[value]?.N)) };
        }
        this.table(Update.TableName ?? "").set(this.keyOf(key), { ...item, ...sums });
      }
    }
    return {};
  }

  private update({ input }: UpdateItemCommand) {
    const item = this.table(input.TableName ?? "").get(this.keyOf(input.Key ?? {}));
    if (item === undefined) throw new Error("no such marker");
    const { ":answer": answer, ":expires": expires } = input.ExpressionAttributeValues ?? {};
    item["answer"] ??= answer!;
    if (expires !== undefined) {
      item["expires_at"] = expires;
      delete item["pending"];
    }
    delete item["tokens"];
    return { Attributes: { ...item } };
  }

  private batchGet({ input: { RequestItems = {} } }: BatchGetItemCommand) {
    const Responses: Record<string, Item[]> = {};
    for (const [name, { Keys = [], ExpressionAttributeNames = {} }] of Object.entries(RequestItems)) {
      const items = Keys.map(key => this.table(name).get(this.keyOf(key))).filter(item => item !== undefined);
      const wanted = Object.values(ExpressionAttributeNames);
      Responses[name] = items.map(item => Object.fromEntries(Object.entries(item).filter(([attribute]) => wanted.includes(attribute))));
    }
    return { Responses };
  }

  private query({ input }: QueryCommand) {
    const before = Number(input.ExpressionAttributeValues?.[":before"]?.N);
    const key = input.ExpressionAttributeValues?.[":key"]?.S;
    return {
      Items: this.items(input.TableName ?? "").filter(item => item["pending"]?.S === key && Number(item["accepted_at"]?.N) < before),
    };
  }

  private publish({ input }: PublishCommand) {
    if (this.snsDown) throw new Error("SNS is down");
    this.published.push(input.Message ?? "");
    const attributes = Object.entries(input.MessageAttributes ?? {});
    this.attributes.push(Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue])));
    return {};
  }
}

/** One process that calls the cloud; it counts its calls and how many of them had to wait for one another. */
class FakeProcess {
  calls: string[] = [];
  /** The longest chain of calls, each made after the answer of the one before. */
  depth = 0;

  constructor(
    private readonly cloud: FakeCloud,
    private readonly kill?: Kill,
  ) {}

  private async send(command: object): Promise<unknown> {
    this.calls.push(command.constructor.name);
    const call = this.calls.length;
    const level = this.depth + 1;
    const isDead = this.kill !== undefined && call > this.kill.call;
    if (isDead || (this.kill?.call === call && this.kill.when === "before")) throw new Killed(`before call ${call}`);
    // Calls that are made before any answer came share a level.
    await nextTurn();
    try {
      const answer = this.cloud.run(command);
      if (this.kill?.call === call) throw new Killed(`after call ${call}`);
      return answer;
    } finally {
      this.depth = Math.max(this.depth, level);
    }
  }

  /** The process as a client. The commands of both services go the same way, which their types can't say. */
  get client(): DynamoDBClient & SNSClient {
    return { send: (command: object) => this.send(command), config: {} } as unknown as DynamoDBClient & SNSClient;
  }
}

export type { Kill };
export { FakeCloud, FakeProcess };
