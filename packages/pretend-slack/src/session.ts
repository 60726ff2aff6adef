/** Source: https://docs.slack.dev/reference/methods/agents.sessions.setStatus */
const STATUSES = ["active", "processing", "suspended", "closed"] as const;
type SessionStatus = (typeof STATUSES)[number];

/** A conversation with the agent, in one thread. */
interface Session {
  channel: string;
  threadTs: string;
  status: SessionStatus;
  title: string | null;
  /** While processing: when Slack makes it active by itself, in epoch milliseconds. */
  dueMs?: number;
}

export type { Session, SessionStatus };
export { STATUSES };
