/** Who called which tool and what came of it, in the table `agent-gateway`: one row a call. */
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { retryUntil } from "#stores/retry";

/** `waiting`: it is not done yet, and is to be called again. */
type Outcome = "ok" | "repeat" | "waiting" | "refused" | "failed";

/** One call. It never holds a message's text. */
interface AuditEntry {
  /** A task's id, or `gateway` for a call without one. */
  task: string;
  tool: string;
  outcome: Outcome;
  rule?: string | undefined;
  channel?: string | undefined;
  detail?: string | undefined;
  /** Names the call; the same for the same call. */
  request: string;
  atMs: number;
}

/** Long enough to look into what happened a quarter ago. */
const KEPT_MS = 90 * 86_400_000;
const MAX_DETAIL_CHARACTERS = 500;

class ToolAudit {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** Throws `NotDurable` when the time is up. */
  async put({ task, tool, outcome, rule, channel, detail, request, atMs }: AuditEntry, deadline: Deadline): Promise<void> {
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        task: { S: task },
        item: { S: `audit#${new Date(atMs).toISOString()}#${request}` },
        tool: { S: tool },
        outcome: { S: outcome },
        ...(rule === undefined ? {} : { rule: { S: rule } }),
        ...(channel === undefined ? {} : { channel: { S: channel } }),
        ...(detail === undefined ? {} : { detail: { S: detail.slice(0, MAX_DETAIL_CHARACTERS) } }),
        expires_at: { N: String(Math.ceil((atMs + KEPT_MS) / 1000)) },
      },
    });
    await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
  }
}

export type { AuditEntry, Outcome };
export { ToolAudit };
