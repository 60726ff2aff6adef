/** Who called which tool with which outcome, in the table `agent-gateway`: one row per call. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { Table } from "#stores/table";

/** `waiting`: the call is not done yet and will be repeated. */
type Outcome = "ok" | "repeat" | "waiting" | "refused" | "failed";

/** One call. It never holds a message's text. */
interface AuditEntry {
  /** The id of the task, or `gateway` for a call without one. */
  task: string;
  tool: string;
  outcome: Outcome;
  /** The rule that refused the call. */
  rule?: string | undefined;
  channel?: string | undefined;
  detail?: string | undefined;
  /** Names the call; a repeated call has the same name. */
  request: string;
  atMs: number;
}

/** Long enough to look into what happened a quarter ago. */
const KEPT_MS = 90 * 86_400_000;
const MAX_DETAIL_CHARACTERS = 500;

class ToolAudit {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Throws `NotDurable` when time runs out. */
  async put({ task, tool, outcome, rule, channel, detail, request, atMs }: AuditEntry, deadline: Deadline): Promise<void> {
    const row = {
      task,
      item: `audit#${new Date(atMs).toISOString()}#${request}`,
      tool,
      outcome,
      rule,
      channel,
      detail: detail?.slice(0, MAX_DETAIL_CHARACTERS),
      expires_at: Math.ceil((atMs + KEPT_MS) / 1000),
    };
    await this.#table.put(row, deadline);
  }
}

export type { Outcome };
export { ToolAudit };
