import type { Block } from "./block";

/** How an app streams a message. It is stored with the message. */
interface Stream {
  /** In the order in which they came. */
  chunks: Chunk[];
  displayMode: DisplayMode;
  /** When Slack ends it by itself, in epoch milliseconds. */
  dueMs: number;
}

/** A piece of a streamed message. Source: https://docs.slack.dev/reference/methods/chat.appendStream */
type Chunk = TextChunk | TaskChunk | PlanChunk | BlocksChunk;

interface TextChunk {
  type: "markdown_text";
  text: string;
}

interface TaskChunk {
  type: "task_update";
  id: string;
  title: string;
  status: TaskStatus;
  details?: string;
  output?: string;
  sources?: Block[];
}

const TASK_STATUSES = ["pending", "in_progress", "complete", "error"] as const;
type TaskStatus = (typeof TASK_STATUSES)[number];

interface PlanChunk {
  type: "plan_update";
  title: string;
}

interface BlocksChunk {
  type: "blocks";
  blocks: Block[];
}

/** `timeline` shows each task where it began; `plan` shows all of them together. */
const DISPLAY_MODES = ["timeline", "plan"] as const;
type DisplayMode = (typeof DISPLAY_MODES)[number];

export type { Chunk, DisplayMode, Stream, TaskChunk, TaskStatus };
export { DISPLAY_MODES, TASK_STATUSES };
