/** Updates Slack's agent sessions to the status of their threads, where the function that changed a thread died or could not reach Slack. */
import type { Log } from "#core/log";
import type { HttpUrl, TableName } from "#core/named";
import { runSideBySide } from "#core/side-by-side";
import { type AgentGateway, createAgentGateway } from "#stores/agent/gateway";
import { createThreadsTable, type DueSession, type ThreadsTable } from "#stores/agent/threads-table";

interface SessionRepairSettings {
  tasksTable: TableName;
  gatewayUrl: HttpUrl;
}

/** The function that made a younger change may still be showing it. */
const MIN_AGE_MS = 30_000;
const MAX_AT_ONCE = 3;

class SessionRepair {
  constructor(
    private readonly threads: Pick<ThreadsTable, "listDue" | "removeDue">,
    private readonly gateway: Pick<AgentGateway, "showSession">,
    private readonly log: Pick<Log, "info">,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Throws if a session can't be shown now. The next run tries again. */
  async handle(): Promise<void> {
    const due = await this.threads.listDue(this.nowMs() - MIN_AGE_MS);
    if (due.length > 0) this.log.info("sessions to show", { sessions: due.length });
    await runSideBySide(due, MAX_AT_ONCE, row => this.show(row));
  }

  private async show(row: DueSession): Promise<void> {
    await this.gateway.showSession(row.turn);
    await this.threads.removeDue(row);
  }
}

/** Creates the repair; its secret is `MCP_TOKEN`. */
const createSessionRepair = ({ tasksTable, gatewayUrl }: SessionRepairSettings, log: Log): SessionRepair =>
  new SessionRepair(createThreadsTable(tasksTable), createAgentGateway(gatewayUrl), log);

export type { SessionRepairSettings };
export { createSessionRepair, SessionRepair };
