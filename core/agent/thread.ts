/** A thread with an agent: who began it, what was said in it, and which turns have not ended. */
import type { Task } from "#core/agent/task";
import type { MessageFile } from "#core/message/message";

/** Slack's ids of a thread. */
interface ThreadPlace {
  team: string;
  channel: string;
  threadTs: string;
}

/** A thread with an agent. A turn's key is `TS#TASK`, so that keys tell which turn came first. */
interface Thread {
  /** Slack id of the person who asked first. */
  asker: string;
  /** What the first request was, for the title of Slack's session. */
  title: string;
  /** The turns that have not ended. */
  pending: readonly string[];
  /** Those of them that wait behind another turn, without a worker or a message in the queue. */
  queued: readonly string[];
  /** Those of them that wait for a person's approval. */
  suspended: readonly string[];
}

/** A message of a thread: what a person said, or the request of a turn, with the agent's answer once it has one. */
interface Said {
  ts: string;
  user: string;
  text: string;
  files: readonly MessageFile[];
  /** Whether it was deleted, so that it has no words any more. */
  isDeleted?: true;
  /** The id of the turn that it started, if it did. */
  task?: string;
  answer?: string;
}

/** The status of Slack's agent session. Source: https://docs.slack.dev/reference/methods/agents.sessions.setStatus */
type SessionStatus = "processing" | "active" | "suspended";

/** Whose replies in the agent's thread make turns: those of who began it, everyone's, or only mentions of the bot. */
type AgentFollow = "asker" | "everyone" | "mentions";

/** What happens to a request while a task runs in its thread: it waits, the running task takes it up at its next step, or the running task is stopped. */
type AgentBusy = "queue" | "steer" | "interrupt";

const MAX_TITLE_CHARACTERS = 60;

/** Builds the partition key of a thread's rows. */
const buildPlaceKey = ({ team, channel, threadTs }: ThreadPlace): string => `thread#${team}#${channel}#${threadTs}`;

/** Finds the timestamp of a turn's message: the last part of its id. A turn of `/ask` has no message; its card begins its thread. */
const tsOf = ({ id, threadTs = "" }: Pick<Task, "id" | "threadTs">): string =>
  id.endsWith("-ask") ? threadTs : id.slice(id.lastIndexOf("-") + 1);

const buildTurnKey = (task: Pick<Task, "id" | "threadTs">): string => `${tsOf(task)}#${task.id}`;

const idOfTurn = (key: string): string => key.slice(key.indexOf("#") + 1);

const tsOfTurn = (key: string): string => key.slice(0, key.indexOf("#"));

/** Compares Slack's timestamps, whose seconds may differ in length. */
const compareTs = (one: string, other: string): number => {
  const [length, otherLength] = [one.indexOf("."), other.indexOf(".")];
  if (length !== otherLength) return length - otherLength;
  return one < other ? -1 : one === other ? 0 : 1;
};

/** Orders turns by the timestamps of their messages. */
const sortTurns = (keys: readonly string[]): string[] => [...keys].sort((one, other) => compareTs(tsOfTurn(one), tsOfTurn(other)));

/** Derives the status that Slack's session should have. */
const deriveStatus = ({ pending, suspended }: Pick<Thread, "pending" | "suspended">): SessionStatus => {
  if (pending.length === 0) return "active";
  return pending.some(key => suspended.includes(key)) ? "suspended" : "processing";
};

/** Builds the title of a session from its first request. */
const buildTitle = (text: string): string => {
  const characters = Array.from(text.toWellFormed().replace(/\s+/g, " ").trim());
  return characters.length <= MAX_TITLE_CHARACTERS ? characters.join("") : `${characters.slice(0, MAX_TITLE_CHARACTERS - 3).join("")}...`;
};

/** Finds the thread of a task; undefined for a task of `/ask` whose card is not posted yet. */
const placeOf = ({ team, channel, threadTs }: Pick<Task, "team" | "channel" | "threadTs">): ThreadPlace | undefined =>
  threadTs === undefined ? undefined : { team, channel, threadTs };

export type { AgentBusy, AgentFollow, Said, SessionStatus, Thread, ThreadPlace };
export { buildPlaceKey, buildTitle, buildTurnKey, compareTs, deriveStatus, idOfTurn, placeOf, sortTurns, tsOf };
