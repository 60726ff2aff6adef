/** What a brain is: a task and tools in, steps and an answer out. The runner does the rest: checkpoints, replay, progress, stopping. */
import type { Json, Task } from "#core/agent/task";

/** What a tool returned, or the rule by which the gateway refused the call. */
type ToolOutcome = { ok: true; result: Json } | { ok: false; rule: string; message: string };

/** A type, not an interface, so that it is known to be JSON, and a step may return it. */
type ToolDescription = {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  inputSchema: { [key: string]: Json };
};

interface ToolCallOptions {
  signal: AbortSignal;
  /** Names the call: repeated under the same key, it has its effect once. */
  key: string;
}

/** The gateway's tools as a brain sees them: bound to its task. */
interface Tools {
  list(signal: AbortSignal): Promise<ToolDescription[]>;
  call(name: string, args: { [key: string]: Json }, options: ToolCallOptions): Promise<ToolOutcome>;
}

interface StepContext {
  /** Aborts when the task is stopped or handed to another worker; what was not checkpointed then runs again. */
  signal: AbortSignal;
  /** The step's idempotency key, `step-0003`. */
  key: string;
}

interface Step {
  /** What people read on the task's card. */
  label: string;
  run(context: StepContext): Promise<Json>;
}

/**
 * Thinks a task through. Everything that reads or changes the world, the clock included, belongs in a step: what a step returned is kept
 * and handed in again when another worker goes on with the task, so that the same steps are yielded in the same order.
 */
interface Brain {
  think(task: Task, tools: Tools): AsyncGenerator<Step, string, Json>;
}

export type { Brain, Step, StepContext, ToolCallOptions, ToolDescription, ToolOutcome, Tools };
