/** The interface of a brain: it gets a task and tools, and yields steps and an answer. The runner adds checkpoints, replay, progress and stopping. */
import type { Conversation, TurnFile } from "#core/agent/conversation";
import type { ModelFormat } from "#core/agent/model-file";
import type { Json, Task } from "#core/agent/task";

/** A tool's result, or the rule by which the gateway refused the call. */
type ToolOutcome = { ok: true; result: Json } | { ok: false; rule: string; message: string };

/** A type rather than an interface, so that the compiler accepts it as JSON, which a step returns. */
type ToolDescription = {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  inputSchema: { [key: string]: Json };
};

interface ToolCallOptions {
  signal: AbortSignal;
  /** Idempotency key of the call. */
  key: string;
}

/** A file, or the reason why a model can't get it. */
type FileRead = (ModelFormat & { bytes: Uint8Array; sha256: string }) | { reason: string };

/** The gateway's tools as a brain sees them: bound to its task. */
interface Tools {
  list(signal: AbortSignal): Promise<ToolDescription[]>;
  call(name: string, args: { [key: string]: Json }, options: ToolCallOptions): Promise<ToolOutcome>;
  /** Reads a file that was shared in the thread. A step must not return its bytes: they are too large for a checkpoint. */
  readFile(id: string, signal: AbortSignal): Promise<FileRead>;
}

interface StepContext {
  /** Aborts when the task is stopped or handed to another worker, which runs this step again. */
  signal: AbortSignal;
  /** The step's idempotency key, `step-0003`. */
  key: string;
  /** Shows the whole answer so far, while it is written. */
  show(answer: string): Promise<void>;
  /** Call this before a long wait: it stops the stream of the answer, which Slack would end after some minutes. */
  pause(): Promise<void>;
}

interface Step {
  /** The text for the task's card. */
  label: string;
  run(context: StepContext): Promise<Json>;
}

/** What a brain is asked: a request, what was said in the thread before, and what was shared. */
interface Turn extends Pick<Task, "id" | "team" | "text" | "user"> {
  conversation: Conversation["entries"];
  /** The files of requests that come later are added. */
  files: TurnFile[];
  /** Requests that came since the turn began, if the agent listens while it works. The brain removes those that it has read. */
  heard: string[];
}

/**
 * Thinks a task through. Everything that reads or changes the world, including the clock, belongs in a step. The runner checkpoints the
 * output of each step, and another worker that resumes the task replays it. So the brain must yield the same steps in the same order.
 */
interface Brain {
  think(turn: Turn, tools: Tools): AsyncGenerator<Step, string, Json>;
}

export type { Brain, FileRead, Step, StepContext, ToolDescription, ToolOutcome, Tools, Turn };
