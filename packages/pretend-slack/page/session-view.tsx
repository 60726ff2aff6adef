import type { ShownMessage, Workspace } from "../src/protocol";

interface Props {
  session: NonNullable<ShownMessage["session"]>;
  workspace: Workspace;
  onStop(): void;
}

const STATES = {
  processing: "is working…",
  suspended: "waits for an answer",
  active: "is ready",
  closed: "has closed this session",
} as const;

/** What the agent is doing in a thread, and Slack's own stop button while it works. */
const SessionView = ({ session: { status, title }, workspace: { app }, onStop }: Props) => (
  <div class={`session ${status}`}>
    <p>
      {title === null ? null : <b>{title} </b>}
      <span class="state">
        {app?.name ?? "The app"} {STATES[status]}
      </span>
    </p>
    {status === "processing" && app?.events?.subscriptions.includes("agent_session_stopped") ? (
      <button type="button" aria-label="Stop the agent" onClick={onStop}>
        Stop
      </button>
    ) : null}
  </div>
);

export { SessionView };
