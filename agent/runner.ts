/** Runs a brain: replays finished steps, runs the others, checkpoints their output, and posts the answer. */
import { buildStepKey, type HeardTurn, type Json, MAX_STEPS, type StepRecord, type Task } from "#core/agent/task";
import { Conflict } from "#core/errors";
import type { TasksTable } from "#stores/agent/tasks-table";
import type { Lease } from "#stores/agent/thread-leases";
import { type AnswerStream, cutAnswer } from "./answer-stream";
import type { Brain, Step, Tools, Turn } from "./brain";
import type { Hold } from "./hold";
import type { Progress } from "./progress";

/** Dependencies of one run. */
interface Run {
  task: Task;
  turn: Turn;
  lease: Lease;
  hold: Hold;
  tools: Tools;
  progress: Progress;
  /** Finds a later request of the thread to take up now. */
  hear: () => Promise<HeardTurn | undefined>;
  answer: Pick<AnswerStream, "hasBegun" | "show" | "pause" | "end">;
  /** The steps finished so far, in order. */
  records: readonly StepRecord[];
}

/** The answer, and the reason why the gateway refused to post it, or null. */
type Answer = { text: string; refusal: string | null };

const ANSWER: Pick<Step, "label"> & { key: string } = { label: "Answer", key: "answer" };

/** Waits for the work, or throws the signal's reason as soon as it aborts, even if the step ignores its signal. */
const raceAbort = async <T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  let stopListening = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    stopListening = () => signal.removeEventListener("abort", onAbort);
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([start(), aborted]);
  } finally {
    stopListening();
  }
};

const takeUp = ({ heard, files }: Turn, { text, files: shared = [] }: HeardTurn): void => {
  heard.push(text);
  files.push(...shared);
};

class Runner {
  constructor(
    private readonly brain: Brain,
    private readonly tasks: TasksTable,
    private readonly nowMs: () => number,
  ) {}

  /** Runs a task to its answer. Throws the reason of the hold's signal if the run has to end early, and any error of a step. */
  async run(run: Run): Promise<Answer> {
    const thinking = this.brain.think(run.turn, run.tools);
    try {
      let next = await thinking.next();
      let number = 0;
      while (!next.done) {
        number += 1;
        if (number > MAX_STEPS) throw new Error(`The task took more than ${MAX_STEPS} steps.`);
        next = await thinking.next(await this.take(run, number, next.value));
      }
      return await this.answer(run, number + 1, cutAnswer(next.value.toWellFormed().trim() || "Done."));
    } finally {
      // Lets an unfinished brain clean up; its answer no longer matters.
      await thinking.return("");
    }
  }

  /** Returns the checkpointed output of a step, or runs the step. */
  private async take(run: Run, number: number, step: Step): Promise<Json> {
    const record = run.records[number - 1];
    if (record === undefined) return this.runStep(run, number, step, buildStepKey(number));
    if (record.heard !== undefined) takeUp(run.turn, record.heard);
    if (record.label !== step.label)
      throw new Error(`Step ${number} was "${record.label}" before and is "${step.label}" now: the task can't be resumed.`);
    run.progress.setStep(number, { label: record.label, state: "done" });
    return record.output;
  }

  private async runStep(run: Run, number: number, step: Step, key: string): Promise<Json> {
    const { hold, progress, answer } = run;
    await hold.look();
    progress.setStep(number, { label: step.label, state: "processing" });
    progress.show("processing");
    const { signal } = hold;
    const output = await raceAbort(
      () => step.run({ signal, key, show: text => answer.show(text, signal), pause: () => answer.pause(signal) }),
      signal,
    );
    await this.keep(run, { number, label: step.label, output });
    progress.setStep(number, { label: step.label, state: "done" });
    return output;
  }

  /** Keeps a step's output, with what was said to the agent meanwhile. Whatever comes after the answer waits for its own turn. */
  private async keep({ task, turn, lease, hear }: Run, record: StepRecord): Promise<void> {
    const found = record.label === ANSWER.label ? undefined : await hear();
    const heard = found && { ...found, files: found.files?.filter(file => turn.files.every(({ id }) => id !== file.id)) ?? [] };
    try {
      await this.tasks.checkpoint(task.id, heard === undefined ? record : { ...record, heard }, lease, this.nowMs());
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      await this.tasks.checkpoint(task.id, record, lease, this.nowMs());
      return;
    }
    if (heard !== undefined) takeUp(turn, heard);
  }

  /** Posts the answer, or what is missing of it, as a step of its own. If the gateway refuses, the task does not fail: the answer is kept, and the card says why. */
  private async answer(run: Run, number: number, text: string): Promise<Answer> {
    const step: Step = {
      label: ANSWER.label,
      run: async ({ signal, key }) => {
        const outcome = run.answer.hasBegun
          ? await run.answer.end(text, signal)
          : await run.tools.call("post_to_slack", { text }, { signal, key });
        return outcome.ok ? { text, refusal: null } : { text, refusal: `The answer was not posted (${outcome.rule}): ${outcome.message}` };
      },
    };
    const output = run.records[number - 1]?.output ?? (await this.runStep(run, number, step, ANSWER.key));
    return output as Answer;
  }
}

export { Runner };
