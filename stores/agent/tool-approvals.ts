/** Approvals of agents' calls, in the table `agent-gateway`: each is asked for once, and decided once. */
import {
  type ConditionCheck,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type Update,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { ReceiptKey } from "#stores/agent/tool-receipts";
import { KEPT_MS } from "#stores/agent/tool-retention";
import { createDynamoDB } from "#stores/aws-clients";
import { retryUntil } from "#stores/retry";
import { buildInput, Table } from "#stores/table";

type Decision = "approved" | "declined";

/** A person's decision. */
interface Verdict {
  decision: Decision;
  /** Slack id of the person. */
  by: string;
}

/** A request to approve one call. */
interface ToolApproval {
  state: "asked" | Decision;
  tool: string;
  /** mrkdwn */
  summary: string;
  /** Hash of the call's arguments. */
  fingerprint: string;
  /** The channel of the message with the buttons. */
  channel: string;
  /** Timestamp of that message, once it is posted. */
  ts?: string;
  /** Slack id of the person who decided. */
  by?: string;
}

class ToolApprovals {
  readonly #table: Table;

  /** `tasksTable` tells whether the task of a call is still unfinished. It is a separate table, because workers write it. */
  constructor(
    client: DynamoDBClient,
    table: string,
    private readonly tasksTable: string,
  ) {
    this.#table = new Table(client, table);
  }

  /** Reads an approval, strongly consistent; undefined if nobody has asked for it. */
  async read(call: ReceiptKey, deadline: Deadline): Promise<ToolApproval | undefined> {
    const row = await this.#table.get<ToolApproval>(buildKey(call), deadline);
    return row && parseApproval(row);
  }

  /** Records that an approval is asked for. Does nothing if it is recorded already. */
  async ask(call: ReceiptKey, asked: Omit<ToolApproval, "state" | "ts" | "by">, nowMs: number, deadline: Deadline): Promise<void> {
    const { tool, summary, fingerprint, channel } = asked;
    const expiresAt = Math.ceil((nowMs + KEPT_MS) / 1000);
    await this.#table.putIf(
      {
        Item: { ...buildKey(call), state: "asked", tool, summary, fingerprint, channel, asked_at: nowMs, expires_at: expiresAt },
        ConditionExpression: "attribute_not_exists(task)",
      },
      deadline,
    );
  }

  /** Keeps the timestamp of the message that asks. */
  async keepMessage(call: ReceiptKey, ts: string, deadline: Deadline): Promise<void> {
    await this.#table.updateIf(
      {
        Key: buildKey(call),
        UpdateExpression: "SET ts = :ts",
        ConditionExpression: "attribute_exists(task)",
        ExpressionAttributeValues: { ":ts": ts },
      },
      deadline,
    );
  }

  /**
   * Decides an approval that nobody has decided, unless its task has ended or was asked to stop. Returns the approval as it is afterwards;
   * undefined if nobody has asked for it.
   */
  async decide(call: ReceiptKey, verdict: Verdict, nowMs: number, deadline: Deadline): Promise<ToolApproval | undefined> {
    const command = new TransactWriteItemsCommand({
      TransactItems: [{ ConditionCheck: this.buildTaskCheck(call.task) }, { Update: this.buildDecision(call, verdict, nowMs) }],
    });
    try {
      await retryUntil(deadline, () => this.#table.client.send(command, { abortSignal: deadline.signal() }));
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
    return this.read(call, deadline);
  }

  /** A call without a task passes the check, because there is no row of a task then. */
  private buildTaskCheck(task: string): ConditionCheck {
    return buildInput(this.tasksTable, {
      Key: { task, item: "task" },
      ConditionExpression: "attribute_not_exists(task) OR (#state IN (:waiting, :processing) AND attribute_not_exists(stop_by))",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ":waiting": "waiting", ":processing": "processing" },
    });
  }

  private buildDecision(call: ReceiptKey, { decision, by }: Verdict, nowMs: number): Update {
    return this.#table.build({
      Key: buildKey(call),
      UpdateExpression: "SET #state = :decision, #by = :by, decided_at = :now",
      ConditionExpression: "#state = :asked",
      ExpressionAttributeNames: { "#state": "state", "#by": "by" },
      ExpressionAttributeValues: { ":decision": decision, ":by": by, ":now": nowMs, ":asked": "asked" },
    });
  }
}

const isConditionFailed = (error: unknown): boolean =>
  error instanceof TransactionCanceledException && (error.CancellationReasons ?? []).some(({ Code }) => Code === "ConditionalCheckFailed");

const buildKey = ({ task, key }: ReceiptKey) => ({ task, item: `approval#${key}` });

/** Picks the approval out of its row. */
const parseApproval = ({ state, tool, summary, fingerprint, channel, ts, by }: ToolApproval): ToolApproval => ({
  state,
  tool,
  summary,
  fingerprint,
  channel,
  ...(ts === undefined ? {} : { ts }),
  ...(by === undefined ? {} : { by }),
});

const createToolApprovals = (table: string, tasksTable: string, patience: "ack" | "background"): ToolApprovals =>
  new ToolApprovals(createDynamoDB(patience), table, tasksTable);

export type { Decision, ToolApproval };
export { createToolApprovals, ToolApprovals };
