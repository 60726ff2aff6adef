/** Shows a task's answer while it is written. The gateway posts it once and knows the limits of streams; this worker only says what there is. */
import type { Json } from "#core/agent/task";
import { isJsonObject } from "#core/json";
import type { Log } from "#core/log";
import type { ToolOutcome } from "./brain";
import type { GatewayTools } from "./tools";

interface AnswerDependencies {
  tools: Pick<GatewayTools, "write">;
  log: Pick<Log, "info" | "error">;
  nowMs: () => number;
}

/** Slack ends a stream after five minutes. */
const MAX_STREAM_MS = 240_000;
/** Slack accepts about one change of a message in three seconds. */
const PACE_MS = 3000;

/** Slack truncates messages at 40,000 characters, and escaping makes the text longer. */
const MAX_ANSWER_CHARACTERS = 30_000;
/** The text of calls that show none: the gateway refuses an empty text. */
const NO_TEXT = "-";

/** Cuts an answer that is too long for a message. */
const cutAnswer = (text: string): string =>
  text.length <= MAX_ANSWER_CHARACTERS ? text : `${text.slice(0, MAX_ANSWER_CHARACTERS).toWellFormed()}...`;

const readStream = (result: Json): { [key: string]: Json } | undefined =>
  isJsonObject(result) && typeof result["mode"] === "string" ? (result as { [key: string]: Json }) : undefined;

class AnswerStream {
  #stream: { [key: string]: Json } | undefined;
  #text = "";
  #hasBegun: boolean;
  #isRefused = false;
  #sinceMs = 0;
  #nextAtMs = 0;

  constructor(
    private readonly taskId: string,
    private readonly dependencies: AnswerDependencies,
    /** Whether an earlier worker has begun to show the answer. */
    hasBegun: boolean,
  ) {
    this.#hasBegun = hasBegun;
  }

  /** Whether a message shows the answer, or a part of it. */
  get hasBegun(): boolean {
    return this.#hasBegun && !this.#isRefused;
  }

  /** Shows the whole answer so far, unless it is too early for another change. Does not throw: the end shows everything. */
  async show(text: string, signal: AbortSignal): Promise<void> {
    this.#text = cutAnswer(text);
    if (this.#isRefused || text.trim() === "" || this.dependencies.nowMs() < this.#nextAtMs) return;
    const isLong = this.#isStreaming && this.dependencies.nowMs() - this.#sinceMs > MAX_STREAM_MS;
    await this.go(isLong ? "pause" : "go", signal);
  }

  /** Ends the stream before a long wait, because Slack would end it after five minutes. Later writes replace the whole message. */
  async pause(signal: AbortSignal): Promise<void> {
    if (this.#isStreaming) await this.go("pause", signal);
  }

  /** Shows the whole answer and ends the stream. If the gateway refuses the text, the part that is already shown stays. */
  async end(text: string, signal: AbortSignal): Promise<ToolOutcome> {
    this.#text = text;
    const outcome = await this.write("end", signal);
    if (!outcome.ok) await this.write("close", signal);
    return outcome;
  }

  /** Shows no more, because the task has ended without an answer. */
  async close(signal: AbortSignal): Promise<void> {
    if (!this.hasBegun) return;
    await this.write("close", signal);
  }

  get #isStreaming(): boolean {
    return this.#stream?.["mode"] === "stream";
  }

  private async go(step: "go" | "pause", signal: AbortSignal): Promise<void> {
    const { log, nowMs } = this.dependencies;
    const isFirst = this.#stream === undefined;
    const mayBeOpen = this.#hasBegun;
    this.#hasBegun = true;
    try {
      const outcome = await this.write(step, signal);
      if (outcome.ok) {
        this.#stream = readStream(outcome.result);
        if (isFirst) this.#sinceMs = nowMs();
        if (!this.#isStreaming) this.#nextAtMs = nowMs() + PACE_MS;
        return;
      }
      if (mayBeOpen) await this.write("close", signal);
      this.#isRefused = true;
      log.info("the answer is not streamed", { task: this.taskId, rule: outcome.rule });
    } catch (error) {
      signal.throwIfAborted();
      // Slack may have shown the text, so nothing can be appended. Without the stream, the gateway replaces the whole text.
      this.#stream = undefined;
      this.#nextAtMs = nowMs() + PACE_MS;
      log.error("the answer could not be shown", error, { task: this.taskId });
    }
  }

  /** A call that ends the answer is repeated until it is done; one that appends is not. */
  private write(step: "go" | "pause" | "end" | "close", signal: AbortSignal): Promise<ToolOutcome> {
    const text = step === "close" ? NO_TEXT : this.#text || NO_TEXT;
    const args = { text, step, ...(this.#stream === undefined ? {} : { stream: this.#stream }) };
    const isRepeatable = this.#stream === undefined || step === "end" || step === "close";
    return this.dependencies.tools.write(this.taskId, args, { signal, isRepeatable });
  }
}

export { AnswerStream, cutAnswer };
