/**
 * Streams the answer of a task: one message that grows while the agent writes it. It appears once, whatever dies meanwhile.
 *
 * Starting and stopping the stream have receipts, but appending has none. After a failed append, Slack may have the text already, so nothing more is
 * appended: the stream is stopped, and the whole text replaces the message. The same happens when Slack's limits are reached, and before a wait.
 */
import { buildFeedbackRow } from "#core/agent/buttons";
import { buildStreamText, cutStreamable } from "#core/agent/stream-text";
import type { Task } from "#core/agent/task";
import { type Place, refuse } from "#core/agent/tool-rules";
import type { ToolArguments } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused } from "#core/errors";
import type { JsonObject } from "#core/json";
import type { Attempt, Done, Once } from "#functions/gateway/once";
import type { Sessions } from "#stores/agent/sessions";
import type { StreamLimits } from "#stores/agent/stream-limits";
import type { TasksTable } from "#stores/agent/tasks-table";
import { buildLimits, type ToolLimits } from "#stores/agent/tool-limits";
import type { SlackNames } from "#stores/slack/names";
import { MAX_MARKDOWN_CHARACTERS, type Slack } from "#stores/slack/web-api";

/** `ts` identifies the message. `sent` is how many characters it shows so far. In the mode `message`, each write replaces the whole message. */
type Stream = { ts: string; mode: "stream" | "message"; sent: number };

type Write = ToolArguments<"write_answer">;

interface AnswerParts {
  slack: Pick<Slack, "appendStream" | "findPosted" | "findStream" | "postMarkdown" | "startStream" | "stopStream" | "updateMarkdown">;
  once: Pick<Once, "run">;
  limits: Pick<StreamLimits, "take">;
  sessions: Pick<Sessions, "readWanted">;
  tasks: Pick<TasksTable, "keepStream">;
  names: Pick<SlackNames, "writeInto">;
  settings: ToolLimits & { gatewayTable: string };
  nowMs?: () => number;
}

/** A call of the tool: the task, and the limits of time. */
interface AnswerCall {
  task: Task & { threadTs: string };
  deadline: Deadline;
  requestedAtMs: number | undefined;
}

/** Keys of the receipts. An answer that is posted without a stream uses `answer`, too. */
const BEGIN = "stream";
const END = "answer";

class AnswerTool {
  readonly #parts: Required<AnswerParts>;

  constructor(parts: AnswerParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Returns the stream as it is afterwards. Throws `ToolRefused`, `SlackBusy`, `SlackRefused`. */
  async write(write: Write, call: AnswerCall): Promise<JsonObject> {
    const known = write.stream ?? (await this.begin(write, call));
    if (write.step === "end") return this.end(write.text, known, call);
    if (write.step === "close") {
      if (known.ts !== "") await this.stop(call, known.ts);
      return { ...known, mode: "message" };
    }
    return write.stream === undefined ? known : this.go(write, known, call);
  }

  /** Posts the message, unless an earlier attempt did. Nobody may append to a message of an earlier attempt. */
  private async begin({ text, step }: Write, call: AnswerCall): Promise<Stream> {
    const { task, deadline, requestedAtMs } = call;
    const { once, settings, nowMs } = this.#parts;
    const shown = step === "end" ? text : cutStreamable(text);
    const limits = buildLimits(settings.gatewayTable, task.id, settings, nowMs());
    const receipt = { task: task.id, key: BEGIN, tool: "write_answer", fingerprint: BEGIN, limits, requestedAtMs } as const;
    const { result, isRepeat } = await once.run(receipt, deadline, async attempt => {
      const begun = step === "close" ? await this.find(call, attempt) : await this.start(shown, call, attempt);
      return { result: begun, ...(begun.ts === "" ? {} : { message: { channel: task.channel, ts: begun.ts } }) };
    });
    const begun = { ...(result as Omit<Stream, "sent">), sent: shown.length };
    return isRepeat && step !== "close" ? this.replace(text, begun, call) : begun;
  }

  /** Finds the message of an attempt that died; `ts` is empty if it posted none. */
  private async find({ task }: AnswerCall, { id, sinceMs }: Attempt): Promise<Omit<Stream, "sent">> {
    const { slack } = this.#parts;
    const place = { channel: task.channel, threadTs: task.threadTs };
    if (sinceMs === undefined) return { ts: "", mode: "message" };
    const posted = (await slack.findPosted({ ...place, id }, sinceMs)) ?? (await slack.findStream(place, sinceMs));
    return { ts: posted ?? "", mode: "message" };
  }

  private async start(text: string, call: AnswerCall, attempt: Attempt): Promise<Omit<Stream, "sent">> {
    const { task, deadline } = call;
    const { slack, tasks, limits, nowMs } = this.#parts;
    const place = { channel: task.channel, threadTs: task.threadTs };
    // Recorded first. If this attempt dies before it knows the `ts`, the function that ends the task looks for the stream.
    await tasks.keepStream(task.id);
    const found = await this.find(call, attempt);
    if (found.ts !== "") return found;
    const shown = await this.build(text);
    if (shown.length <= MAX_MARKDOWN_CHARACTERS && (await limits.take(task.team, "start", nowMs(), deadline))) {
      try {
        const reader = { user: task.user, team: task.team };
        return { ts: await slack.startStream({ ...place, reader }, shown), mode: "stream" };
      } catch (error) {
        if (!(error instanceof SlackRefused)) throw error;
      }
    }
    return { ts: await slack.postMarkdown({ ...place, id: attempt.id, text: shown }), mode: "message" };
  }

  /** Shows more of the text. */
  private async go({ text, step }: Write, stream: Stream, call: AnswerCall): Promise<Stream> {
    if (stream.mode === "message") {
      await this.update(call, stream.ts, cutStreamable(text));
      return stream;
    }
    const { task, deadline } = call;
    const { slack, limits, nowMs } = this.#parts;
    const cut = cutStreamable(text);
    const more = await this.buildMore(text.slice(0, stream.sent), cut);
    if (more === "" && step === "go") return stream;
    const isWithin = more !== undefined && more.length <= MAX_MARKDOWN_CHARACTERS && step === "go";
    if (!isWithin || !(await limits.take(task.team, "append", nowMs(), deadline))) return this.replace(text, stream, call);
    try {
      await slack.appendStream(task.channel, stream.ts, more);
      return { ...stream, sent: cut.length };
    } catch (error) {
      // Slack refused this append for now. The next call sends the text.
      if (error instanceof SlackBusy && error.retryAfterSeconds !== undefined) return stream;
      if (error instanceof SlackBusy || error instanceof SlackRefused) return this.replace(text, stream, call);
      throw error;
    }
  }

  /** Stops the stream, if it still is one, and lets the message show the whole text. */
  private async replace(text: string, stream: Stream, call: AnswerCall): Promise<Stream> {
    const shown = cutStreamable(text);
    await this.stop(call, stream.ts);
    await this.update(call, stream.ts, shown);
    return { ts: stream.ts, mode: "message", sent: shown.length };
  }

  /** Ends the answer: the message shows the whole text. Done once. */
  private async end(text: string, stream: Stream, call: AnswerCall): Promise<JsonObject> {
    const { task, deadline, requestedAtMs } = call;
    const receipt = { task: task.id, key: END, tool: "write_answer", fingerprint: END, limits: [], requestedAtMs } as const;
    const done: Done = await this.#parts.once.run(receipt, deadline, async ({ id, sinceMs }) => {
      const isEnded = sinceMs === undefined && stream.mode === "stream" && (await this.finish(text, stream, call, id));
      if (!isEnded) {
        await this.stop(call, stream.ts);
        await this.update(call, stream.ts, text, [buildFeedbackRow(task.id)]);
      }
      return { result: { channel: task.channel, threadTs: task.threadTs, ts: stream.ts } satisfies Place & { ts: string } };
    });
    return done.result;
  }

  /** Stops the stream with the rest of the text. Returns false if the whole text has to replace the message. */
  private async finish(text: string, { ts, sent }: Stream, { task }: AnswerCall, id: string): Promise<boolean> {
    const rest = await this.buildMore(text.slice(0, sent), text);
    if (rest === undefined || rest.length > MAX_MARKDOWN_CHARACTERS) return false;
    try {
      const status = await this.#parts.sessions.readWanted(task);
      await this.#parts.slack.stopStream({ channel: task.channel, ts, id, text: rest, status, blocks: [buildFeedbackRow(task.id)] });
      return true;
    } catch (error) {
      if (error instanceof SlackRefused) return false;
      throw error;
    }
  }

  /** Stops a stream. Does nothing if it has already ended, or if the message is not a stream. */
  private async stop({ task }: AnswerCall, ts: string): Promise<void> {
    try {
      const status = await this.#parts.sessions.readWanted(task);
      await this.#parts.slack.stopStream({ channel: task.channel, ts, id: task.id, text: "", status });
    } catch (error) {
      if (!(error instanceof SlackRefused)) throw error;
    }
  }

  private async update({ task }: AnswerCall, ts: string, text: string, below: JsonObject[] = []): Promise<void> {
    try {
      await this.#parts.slack.updateMarkdown({ channel: task.channel, ts, text: await this.build(text), below });
    } catch (error) {
      // Somebody deleted the message.
      if (!(error instanceof SlackRefused && error.context["code"] === "message_not_found")) throw error;
    }
  }

  /** Builds the markdown to append; undefined if the part that is already shown would change. */
  private async buildMore(shown: string, text: string): Promise<string | undefined> {
    const [before, after] = [await this.build(shown), await this.build(text)];
    return after.startsWith(before) ? after.slice(before.length) : undefined;
  }

  /** Builds markdown that notifies nobody: it has names instead of mentions. */
  private async build(text: string): Promise<string> {
    return buildStreamText(await this.#parts.names.writeInto(text));
  }
}

/** Refuses to stream if posts need a person's approval. The whole answer is then posted after the approval. */
const verifyStreamable = (approvals: readonly string[]): void => {
  if (approvals.includes("post_to_slack")) refuse("approval", "posts need approval, so the answer can't be streamed.");
};

export type { AnswerCall };
export { AnswerTool, verifyStreamable };
