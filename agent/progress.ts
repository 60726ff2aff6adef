/** Shows the task's progress on its card: at most one change in three seconds, and the final state without fail. */
import { type Json, MAX_STEPS, type TaskState } from "#core/agent/task";
import { isJsonObject } from "#core/json";
import type { HoldDependencies } from "./hold";
import type { GatewayTools } from "./tools";
import { waitUntil } from "./wait";

interface ShownStep {
  label: string;
  state: TaskState;
}

/** The content of the card. */
interface Report {
  state: TaskState;
  steps: ShownStep[];
  note?: string;
}

/** Slack accepts about one change of a message in three seconds. */
const PACE_MS = 3000;
/** More than a card shows of a label. The labels of all steps stay within the gateway's 1 MB. */
const MAX_LABEL_CHARACTERS = 150;

const readRetryMs = (result: Json): number | undefined => {
  const retryAfterMs = isJsonObject(result) ? result["retryAfterMs"] : undefined;
  return typeof retryAfterMs === "number" ? retryAfterMs : undefined;
};

class Progress {
  readonly steps: ShownStep[] = [];
  #wanted: Report | undefined;
  #showing: Promise<void> | undefined;
  #nextAtMs = 0;
  #failure: unknown;

  constructor(
    private readonly taskId: string,
    private readonly dependencies: Pick<HoldDependencies, "log" | "nowMs"> & { tools: GatewayTools },
    private readonly signal: AbortSignal,
  ) {}

  /** Begins a step, or changes the state of one. */
  setStep(number: number, step: ShownStep): void {
    this.steps[number - 1] = step;
  }

  /** Gives the step in progress, if there is one, its final state. */
  endStep(state: TaskState): void {
    const last = this.steps.at(-1);
    if (last?.state === "processing" || last?.state === "waiting") last.state = state;
  }

  /** Shows a state soon, unless a later call replaces it first. */
  show(state: TaskState, note?: string): void {
    this.#wanted = { state, steps: this.steps.slice(-MAX_STEPS).map(step => ({ ...step })), ...(note === undefined ? {} : { note }) };
    this.#showing ??= this.showWanted();
  }

  /** Shows a state and waits until it is on the card. Throws the error that prevents it. */
  async settle(state: TaskState, note?: string): Promise<void> {
    this.show(state, note);
    await this.#showing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Sends reports until none is left. A later report is tried even if an earlier one failed. */
  private async showWanted(): Promise<void> {
    try {
      while (this.#wanted !== undefined) await this.showLatest();
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#showing = undefined;
    }
  }

  /** Throws only the signal's reason; keeps any other error. */
  private async showLatest(): Promise<void> {
    const { log, nowMs } = this.dependencies;
    await waitUntil(this.#nextAtMs, this.signal, nowMs);
    const report = this.#wanted;
    if (report === undefined) return;
    this.#wanted = undefined;
    this.#failure = undefined;
    try {
      const retryMs = await this.send(report);
      this.#nextAtMs = nowMs() + (retryMs ?? PACE_MS);
      if (retryMs !== undefined) this.#wanted ??= report;
    } catch (error) {
      this.signal.throwIfAborted();
      this.#failure = error;
      log.error("the card could not be changed", error, { task: this.taskId });
    }
  }

  /** Returns how long to wait if the card was changed too recently. */
  private async send({ state, steps, note }: Report): Promise<number | undefined> {
    const shown = steps.map(({ label, state: each }) => ({ label: label.slice(0, MAX_LABEL_CHARACTERS).toWellFormed(), state: each }));
    const args: { [key: string]: Json } = { state, steps: shown, ...(note === undefined ? {} : { note }) };
    const outcome = await this.dependencies.tools.report(this.taskId, args, this.signal);
    if (outcome.ok) return readRetryMs(outcome.result);
    throw new Error(`report_progress was refused by the rule "${outcome.rule}": ${outcome.message}`);
  }
}

export { Progress };
