/** Approvals of agents' calls, in the table `agent-gateway`: each is asked for once, and decided once. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { KEPT_MS } from "#stores/agent/tool-retention";
import { createDynamoDB } from "#stores/aws-clients";
import { retryUntil } from "#stores/retry";

type Decision = "approved" | "declined";

/** What somebody decided; `by` is a Slack id. */
interface Deciding {
  decision: Decision;
  by: string;
}

/** A wish for approval of one call: `summary` is mrkdwn, `fingerprint` is of its arguments. */
interface ToolApproval {
  state: "asked" | Decision;
  tool: string;
  summary: string;
  fingerprint: string;
  /** Where the message with the buttons is or will be; its `ts` once it was posted. */
  channel: string;
  ts?: string;
  /** Slack id of who decided. */
  by?: string;
}

type Item = Record<string, AttributeValue>;

class ToolApprovals {
  /** `tasksTable` says whether the task of a call goes on; it is another table, since workers write it. */
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly tasksTable: string,
  ) {}

  /** Reads an approval, strongly consistent; undefined when it was never asked for. */
  async read(task: string, key: string, deadline: Deadline): Promise<ToolApproval | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key: buildKey(task, key), ConsistentRead: true });
    const { Item } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    return Item && parseApproval(Item);
  }

  /** Notes that an approval is asked for, unless it was before. */
  async ask(
    task: string,
    key: string,
    asked: Pick<ToolApproval, "tool" | "summary" | "fingerprint" | "channel">,
    nowMs: number,
    deadline: Deadline,
  ): Promise<void> {
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        ...buildKey(task, key),
        state: { S: "asked" },
        tool: { S: asked.tool },
        summary: { S: asked.summary },
        fingerprint: { S: asked.fingerprint },
        channel: { S: asked.channel },
        asked_at: { N: String(nowMs) },
        expires_at: { N: String(Math.ceil((nowMs + KEPT_MS) / 1000)) },
      },
      ConditionExpression: "attribute_not_exists(task)",
    });
    await this.unlessFailed(() => retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() })));
  }

  /** Keeps which message asks. */
  async keepMessage(task: string, key: string, ts: string, deadline: Deadline): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: buildKey(task, key),
      UpdateExpression: "SET ts = :ts",
      ConditionExpression: "attribute_exists(task)",
      ExpressionAttributeValues: { ":ts": { S: ts } },
    });
    await this.unlessFailed(() => retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() })));
  }

  /**
   * Decides what nobody has decided, unless its task is over: has ended, or is asked to stop. Returns the approval as it is then, undefined
   * when it was never asked for.
   */
  async decide(
    task: string,
    key: string,
    { decision, by }: Deciding,
    nowMs: number,
    deadline: Deadline,
  ): Promise<ToolApproval | undefined> {
    const isTaskOn = {
      TableName: this.tasksTable,
      Key: { task: { S: task }, item: { S: "task" } },
      // Calls without a task have none to look at.
      ConditionExpression: "attribute_not_exists(task) OR (#state IN (:waiting, :processing) AND attribute_not_exists(stop_by))",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ":waiting": { S: "waiting" }, ":processing": { S: "processing" } },
    };
    const decided = {
      TableName: this.table,
      Key: buildKey(task, key),
      UpdateExpression: "SET #state = :decision, #by = :by, decided_at = :now",
      ConditionExpression: "#state = :asked",
      ExpressionAttributeNames: { "#state": "state", "#by": "by" },
      ExpressionAttributeValues: {
        ":decision": { S: decision },
        ":by": { S: by },
        ":now": { N: String(nowMs) },
        ":asked": { S: "asked" },
      },
    };
    const command = new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck: isTaskOn }, { Update: decided }] });
    await this.unlessFailed(() => retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() })));
    return this.read(task, key, deadline);
  }

  private async unlessFailed(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      // It stands already, or is over for good: in both cases there is nothing to write.
      if (!isConditionFailed(error)) throw error;
    }
  }
}

const isConditionFailed = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  (error instanceof TransactionCanceledException &&
    (error.CancellationReasons ?? []).some(({ Code }) => Code === "ConditionalCheckFailed"));

const buildKey = (task: string, key: string): Item => ({ task: { S: task }, item: { S: `approval#${key}` } });

const parseApproval = ({ state, tool, summary, fingerprint, channel, ts, by }: Item): ToolApproval => ({
  state: state?.S === "approved" || state?.S === "declined" ? state.S : "asked",
  tool: tool?.S ?? "",
  summary: summary?.S ?? "",
  fingerprint: fingerprint?.S ?? "",
  channel: channel?.S ?? "",
  ...(ts?.S === undefined ? {} : { ts: ts.S }),
  ...(by?.S === undefined ? {} : { by: by.S }),
});

/** Creates the store and its client. */
const createToolApprovals = (table: string, tasksTable: string, patience: "ack" | "background"): ToolApprovals =>
  new ToolApprovals(createDynamoDB(patience), table, tasksTable);

export type { Decision, ToolApproval };
export { createToolApprovals, ToolApprovals };
