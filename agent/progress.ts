/** Shows on the task's card how far it is: the latest state at most every three seconds, and the last one for certain. */

import { type Json, MAX_STEPS, type TaskState } from "#core/agent/task";
import { isJsonObject } from "#core/json";
import type { Log } from "#core/log";
import type { GatewayTools } from "./tools";
import { waitUntil } from "./wait";

interface ShownStep {
  label: string;
  state: TaskState;
}

/** What the card is to say. */
interface Report {
  state: TaskState;
  steps: ShownStep[];
  note?: string;
}

/** Slack takes about one change of a message in three seconds well. */
const PACE_MS = 3000;
/** More than a card shows of one; so many steps' labels stay within the gateway's 1 MB. */
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
    private readonly tools: GatewayTools,
    private readonly log: Log,
    private readonly signal: AbortSignal,
    private readonly nowMs: () => number,
  ) {}

  /** Begins a step, or changes how the latest one stands. */
  setStep(number: number, step: ShownStep): void {
    this.steps[number - 1] = step;
  }

  /** Marks the step under way, if there is one, with how it ended. */
  endStep(state: TaskState): void {
    const last = this.steps.at(-1);
    if (last?.state === "processing" || last?.state === "waiting") last.state = state;
  }

  /** Shows a state soon; a later one overtakes it. */
  show(state: TaskState, note?: string): void {
    this.#wanted = { state, steps: this.steps.slice(-MAX_STEPS).map(step => ({ ...step })), ...(note === undefined ? {} : { note }) };
    this.#showing ??= this.showWanted();
  }

  /** Shows a state and waits until it stands on the card. Throws what kept it from getting there. */
  async settle(state: TaskState, note?: string): Promise<void> {
    this.show(state, note);
    await this.#showing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Sends what is wanted until nothing more is; that one report fails does not keep a later one from its own try. */
  private async showWanted(): Promise<void> {
    try {
      while (this.#wanted !== undefined) await this.showLatest();
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#showing = undefined;
    }
  }

  /** Throws only the signal's reason; what else went wrong is kept. */
  private async showLatest(): Promise<void> {
    await waitUntil(this.#nextAtMs, this.signal, this.nowMs);
    const report = this.#wanted;
    if (report === undefined) return;
    this.#wanted = undefined;
    this.#failure = undefined;
    try {
      const retryMs = await this.send(report);
      this.#nextAtMs = this.nowMs() + (retryMs ?? PACE_MS);
      if (retryMs !== undefined) this.#wanted ??= report;
    } catch (error) {
      this.signal.throwIfAborted();
      this.#failure = error;
      this.log.error("the card could not be changed", error, { task: this.taskId });
    }
  }

  /** Returns how long to wait instead, when the card was changed a moment ago. */
  private async send({ state, steps, note }: Report): Promise<number | undefined> {
    const shown = steps.map(({ label, state: each }) => ({ label: label.slice(0, MAX_LABEL_CHARACTERS).toWellFormed(), state: each }));
    const args: { [key: string]: Json } = { state, steps: shown, ...(note === undefined ? {} : { note }) };
    const outcome = await this.tools.report(this.taskId, args, this.signal);
    if (outcome.ok) return readRetryMs(outcome.result);
    throw new Error(`report_progress was refused by the rule "${outcome.rule}": ${outcome.message}`);
  }
}

export type { Report, ShownStep };
export { Progress };
