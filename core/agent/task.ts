/** A task: one request to the agent, from the queue to its answer. */
import type { TurnFile } from "#core/agent/conversation";

type TaskState = "waiting" | "processing" | "done" | "stopped" | "failed";
type EndState = Exclude<TaskState, "waiting" | "processing">;

/** The output of a step. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Task {
  id: string;
  state: TaskState;
  team: string;
  channel: string;
  user: string;
  text: string;
  /** The thread of all its posts. A task of `/ask` has none until its card is posted. */
  threadTs?: string;
  createdAtMs: number;
  startedAtMs?: number;
  /** How often a worker has begun or resumed it. */
  attempts: number;
  stopBy?: string;
  /** Whether it waits for a free slot of its user, and its card says so. */
  hasNoSlot?: boolean;
  cardTs?: string;
  /** Whether the gateway has begun to post its answer as a stream. */
  hasStream?: boolean;
  answer?: string;
  error?: string;
  /** Whether it failed because it reached the time limit. */
  isTimeUp?: boolean;
  /** For a failed task, the id of the message that became its dead letter; empty if there is none. Absent in tasks of earlier releases. */
  deadLetter?: string;
}

/** How many tasks one worker runs at a time: they mostly wait for a model or a tool, and its memory suffices for this many. */
const TASKS_PER_WORKER = 4;

/** How often a task is tried. The queue's maxReceiveCount is the same. */
const MAX_TRIES = 3;

/** How long a task without a slot waits before the next try: briefly at first, longer once it has waited for minutes. */
const MIN_SLOT_WAIT_SECONDS = 5;
const MAX_SLOT_WAIT_SECONDS = 30;

/** A task with more steps probably loops. A report to the card contains at most as many. */
const MAX_STEPS = 1000;

/** A finished step. */
interface StepRecord {
  /** Starts at 1. */
  number: number;
  label: string;
  output: Json;
  /** What somebody said to the agent meanwhile, if it listens while it works. */
  heard?: HeardTurn;
}

/** A later request of the same thread, which the agent takes up while it works on this one. */
interface HeardTurn extends Pick<Task, "id" | "team" | "channel" | "user" | "text" | "threadTs"> {
  /** What was shared in the thread until then, and is new to the agent. Absent in tasks of earlier releases. */
  files?: TurnFile[];
}

const isEnded = ({ state }: Pick<Task, "state">): boolean => state !== "waiting" && state !== "processing";

/** Tells whether a task has ended for good. A failed task resumes if its dead letter is redriven, unless it reached the time limit. */
const isFinal = <T extends Pick<Task, "state" | "isTimeUp">>(task: T): task is T & { state: EndState } =>
  isEnded(task) && (task.state !== "failed" || task.isTimeUp === true);

/** Builds the partition key of the lease that lets one task at a time work in a thread. A task of `/ask` has no thread before its card. */
const buildThreadKey = ({ id, team, channel, threadTs }: Pick<Task, "id" | "team" | "channel" | "threadTs">): string =>
  threadTs === undefined ? `thread#${id}` : `thread#${team}#${channel}#${threadTs}`;

/** Builds the partition key of the lease of a user's slot, numbered from 1. A running task holds one slot. */
const buildSlotKey = ({ team, user }: Pick<Task, "team" | "user">, number: number): string => `slot#${team}#${user}#${number}`;

/** Builds the partition key of the lease of a workspace's slot, numbered from 1. */
const buildTeamSlotKey = ({ team }: Pick<Task, "team">, number: number): string => `team-slot#${team}#${number}`;

/** Builds the text on the card of a task that has no slot, because the person or the workspace has so many tasks at work. */
const buildSlotNote = (count: number, isOfTeam = false): string => {
  const who = isOfTeam ? "your workspace has" : "you have";
  return `Waiting: ${who} ${count} ${count === 1 ? "task" : "tasks"} at work. This one begins when one of them ends.`;
};

/** Computes the delay before the next try: a tenth of the time that the task has waited, within limits. */
const buildSlotWait = ({ createdAtMs }: Pick<Task, "createdAtMs">, nowMs: number): number =>
  Math.min(MAX_SLOT_WAIT_SECONDS, Math.max(MIN_SLOT_WAIT_SECONDS, Math.ceil((nowMs - createdAtMs) / 10_000)));

/** Builds the idempotency key of a step, which is also the name of its checkpoint: `step-0003`. */
const buildStepKey = (number: number): string => `step-${String(number).padStart(4, "0")}`;

export type { EndState, HeardTurn, Json, StepRecord, Task, TaskState };
export {
  buildSlotKey,
  buildSlotNote,
  buildSlotWait,
  buildStepKey,
  buildTeamSlotKey,
  buildThreadKey,
  isEnded,
  isFinal,
  MAX_STEPS,
  MAX_TRIES,
  TASKS_PER_WORKER,
};
