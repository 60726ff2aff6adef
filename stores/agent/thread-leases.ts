/** Leases in the table `agent-tasks`: one task at a time works in a thread. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandOutput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { Deadline } from "#core/deadline";
import { LeaseLost } from "#core/errors";
import { retryUntil } from "#stores/retry";

/** A thread held by one run of a task. */
interface Lease {
  /** The partition key, `thread#...`. */
  thread: string;
  taskId: string;
  /** Unique to the run, so that a run of the same task elsewhere is another holder. */
  leaseId: string;
}

/** What a lease is forgotten after, should nobody have released it. */
const FORGET_SECONDS = 86_400;
/** A heartbeat comes every 30 s: what takes longer than this is tried again by the next one. */
const CALL_BUDGET_MS = 10_000;

const buildLeaseKey = (thread: string): Record<string, AttributeValue> => ({ task: { S: thread }, item: { S: "lease" } });

class ThreadLeases {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** Takes a thread that nobody holds, or whose holder has not been heard of in time. Returns the id of the task that holds it instead. */
  async acquire(lease: Lease, nowMs: number, untilMs: number): Promise<string | undefined> {
    // One's own lease counts as free: a write whose answer was lost meets itself.
    return this.update(lease, untilMs, "attribute_not_exists(task) OR #until <= :now OR lease_id = :lease", {
      ":now": { N: String(nowMs) },
    });
  }

  /** Throws `LeaseLost`. */
  async extend(lease: Lease, untilMs: number): Promise<void> {
    const holder = await this.update(lease, untilMs, "lease_id = :lease", {});
    if (holder !== undefined) throw new LeaseLost("The thread's lease is another worker's by now.", { context: { thread: lease.thread } });
  }

  /** Reads who holds a thread, strongly consistent; undefined when nobody has been heard of in time. */
  async readHolder(thread: string, nowMs: number): Promise<string | undefined> {
    const { Item } = await this.send(new GetItemCommand({ TableName: this.table, Key: buildLeaseKey(thread), ConsistentRead: true }));
    return Number(Item?.["until"]?.N ?? 0) > nowMs ? Item?.["holder"]?.S : undefined;
  }

  /** Gives the thread free; a lease that is another's by now stays. */
  async release({ thread, leaseId }: Lease): Promise<void> {
    try {
      await this.send(
        new DeleteItemCommand({
          TableName: this.table,
          Key: buildLeaseKey(thread),
          ConditionExpression: "lease_id = :lease",
          ExpressionAttributeValues: { ":lease": { S: leaseId } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** Writes the lease where the condition holds. Returns the holder that stands against it, "" for none. */
  private async update(
    { thread, taskId, leaseId }: Lease,
    untilMs: number,
    condition: string,
    values: Record<string, AttributeValue>,
  ): Promise<string | undefined> {
    try {
      await this.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: buildLeaseKey(thread),
          UpdateExpression: "SET #holder = :holder, lease_id = :lease, #until = :until, expires_at = :expires",
          ConditionExpression: condition,
          ExpressionAttributeNames: { "#holder": "holder", "#until": "until" },
          ExpressionAttributeValues: {
            ":holder": { S: taskId },
            ":lease": { S: leaseId },
            ":until": { N: String(untilMs) },
            ":expires": { N: String(Math.ceil(untilMs / 1000) + FORGET_SECONDS) },
            ...values,
          },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item?.["holder"]?.S ?? "";
    }
  }

  private send(command: GetItemCommand): Promise<GetItemCommandOutput>;
  private send(command: UpdateItemCommand | DeleteItemCommand): Promise<unknown>;
  private send(command: GetItemCommand | UpdateItemCommand | DeleteItemCommand): Promise<unknown> {
    const deadline = new Deadline(CALL_BUDGET_MS);
    return retryUntil(deadline, () => this.client.send(command as UpdateItemCommand, { abortSignal: deadline.signal() }));
  }
}

export type { Lease };
export { buildLeaseKey, ThreadLeases };
