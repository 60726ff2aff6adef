/**
 * Tasks on the last of their tries, in the table `agent-tasks`. When a worker dies over one, its message becomes a dead letter and comes to
 * nobody again: these marks, which end unless they are renewed, are what tells of it.
 */
import { type AttributeValue, DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { Deadline } from "#core/deadline";
import { retryUntil } from "#stores/retry";

/** A task and the time in epoch milliseconds until which its worker is known to live. */
interface LastTry {
  task: string;
  untilMs: number;
}

const PARTITION = "last-tries";
/** Nobody looks for it any longer than a task is kept. */
const KEPT_SECONDS = 30 * 86_400;
/** A heartbeat comes every 30 s: what takes longer than this is tried again by the next one. */
const CALL_BUDGET_MS = 10_000;

const buildKey = (task: string): Record<string, AttributeValue> => ({ task: { S: PARTITION }, item: { S: task } });

class LastTries {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** Marks a task, or renews its mark. */
  async put({ task, untilMs }: LastTry): Promise<void> {
    const expires = { N: String(Math.ceil(untilMs / 1000) + KEPT_SECONDS) };
    const command = new PutItemCommand({
      TableName: this.table,
      Item: { ...buildKey(task), until: { N: String(untilMs) }, expires_at: expires },
    });
    await this.retry(abortSignal => this.client.send(command, { abortSignal }));
  }

  /** Takes a mark away, if there is one. */
  async remove(task: string): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.table, Key: buildKey(task) });
    await this.retry(abortSignal => this.client.send(command, { abortSignal }));
  }

  /** Lists the marks, strongly consistent; at most as many as one answer holds, which is thousands. */
  async list(): Promise<LastTry[]> {
    const command = new QueryCommand({
      TableName: this.table,
      ConsistentRead: true,
      KeyConditionExpression: "task = :partition",
      ExpressionAttributeValues: { ":partition": { S: PARTITION } },
    });
    const { Items = [] } = await this.retry(abortSignal => this.client.send(command, { abortSignal }));
    return Items.map(({ item, until }) => ({ task: item?.S ?? "", untilMs: Number(until?.N ?? 0) }));
  }

  private retry<T>(send: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new Deadline(CALL_BUDGET_MS);
    return retryUntil(deadline, () => send(deadline.signal()));
  }
}

export type { LastTry };
export { LastTries };
