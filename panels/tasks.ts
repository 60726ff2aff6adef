/** The tasks of agents with their steps, from the rows of the table of tasks. */
import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import type { Workspace } from "@slack-fanout/pretend-slack/protocol";

interface AgentStep {
  label: string;
  /** When it ended, and how long after the step before it, milliseconds. */
  atMs: number;
  ms: number;
}

interface AgentTask {
  id: string;
  /** "waiting", "processing", "done", "failed", "stopped". */
  state: string;
  user: string;
  text: string;
  createdMs: number;
  /** Undefined while it waits for a worker. */
  startedMs: number | undefined;
  /** Why it failed. */
  error: string | undefined;
  /** Finished steps, tool calls among them, in order. */
  steps: AgentStep[];
  /** When its sleep ends, if it sleeps. */
  alarmMs: number | undefined;
}

/** The label of the step that the scripted brain runs before it sleeps. The step's output is the time when the sleep ends. */
const ALARM = "Set the alarm";

/** The tasks that a person may see, newest first. What was asked in private shows to the conversation's members only. */
const buildTasks = ({ channels }: Workspace, user: string, { items }: Items): AgentTask[] =>
  items
    .filter(row => row["item"] === "task" && channels.some(({ id, members }) => id === row["channel"] && members.includes(user)))
    .map(row => {
      const startedMs = numberOf(row["started_at"]);
      const own = items.filter(({ task, item }) => task === row["task"] && String(item).startsWith("step#"));
      const steps = own.sort((a, b) => (String(a["item"]) < String(b["item"]) ? -1 : 1));
      const last = steps.at(-1);
      return {
        id: String(row["task"]),
        state: String(row["state"]),
        user: String(row["user"]),
        text: String(row["text"]),
        createdMs: Number(row["created_at"]),
        startedMs,
        error: typeof row["error"] === "string" ? row["error"] : undefined,
        steps: steps.map(({ label, at }, index) => {
          const beforeMs = Number(index === 0 ? (startedMs ?? at) : steps[index - 1]!["at"]);
          return { label: String(label), atMs: Number(at), ms: Math.max(0, Number(at) - beforeMs) };
        }),
        alarmMs: String(last?.["label"]).startsWith(ALARM) ? Number(last!["output"]) : undefined,
      };
    })
    .sort((a, b) => b.createdMs - a.createdMs);

const numberOf = (value: unknown) => (typeof value === "number" ? value : undefined);

export type { AgentTask };
export { buildTasks };
