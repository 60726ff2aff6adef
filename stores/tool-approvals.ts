/** Approvals of agents' calls, in the table `agent-tasks`: each is asked for once, and decided once. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { createDynamoDB } from "#stores/aws-clients";
import { retryUntil } from "#stores/retry";

type Decision = "approved" | "declined";

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

/** As long as the receipts of calls. */
const KEPT_MS = 30 * 86_400_000;

class ToolApprovals {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
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

  /** Decides what nobody has decided. Returns the approval as it is now, undefined when it was never asked for. */
  async decide(
    task: string,
    key: string,
    decision: Decision,
    by: string,
    nowMs: number,
    deadline: Deadline,
  ): Promise<ToolApproval | undefined> {
    const command = new UpdateItemCommand({
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
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      const { Attributes } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
      return Attributes && parseApproval(Attributes);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item && parseApproval(error.Item);
    }
  }

  private async unlessFailed(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      // It is there already, or gone for good: in both cases there is nothing to write.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

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
const createToolApprovals = (table: string, patience: "ack" | "background"): ToolApprovals =>
  new ToolApprovals(createDynamoDB(patience), table);

export type { Decision, ToolApproval };
export { createToolApprovals, ToolApprovals };
