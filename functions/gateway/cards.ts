/** The cards of tasks: each is posted once, then changed at most once in three seconds. */
import type { Layout } from "#core/agent/buttons";
import { isEnded, type Task } from "#core/agent/task";
import { buildTaskCard, type Progress } from "#core/agent/task-card";
import type { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused, ToolBusy } from "#core/errors";
import type { JsonObject } from "#core/json";
import type { Once } from "#functions/gateway/once";
import type { TaskCards } from "#stores/agent/task-cards";
import type { TasksTable } from "#stores/agent/tasks-table";
import type { SlackNames } from "#stores/slack/names";
import type { Slack } from "#stores/slack/web-api";

/** Slack tolerates about one change in three seconds. Source: https://docs.slack.dev/apis/web-api/rate-limits */
const PACE_MS = 3000;
/** Posting a card rarely takes longer. */
const POSTING_MS = 1000;
const KEY = "card";

interface CardsParts {
  slack: Pick<Slack, "post" | "update" | "findPosted">;
  once: Pick<Once, "run">;
  turns: Pick<TaskCards, "takeTurn">;
  tasks: Pick<TasksTable, "keepCard">;
  names: Pick<SlackNames, "writeInto">;
  nowMs?: () => number;
}

class Cards {
  readonly #parts: Required<CardsParts>;

  constructor(parts: CardsParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Shows a task's progress. Returns the card's `{ts}`, or `{retryAfterMs}` if it has just been changed. Throws `SlackRefused`. */
  async report(task: Task, progress: Progress, deadline: Deadline, requestedAtMs?: number): Promise<JsonObject> {
    return this.retryLater(() => this.show(task, progress, deadline, requestedAtMs));
  }

  /** Posts the card, which says that the task waits, unless there is one. Returns like `report`. */
  async open(task: Task, deadline: Deadline, requestedAtMs?: number): Promise<JsonObject> {
    return this.retryLater(async () => ({ ts: await this.ensure(task, deadline, requestedAtMs) }));
  }

  /** Returns when to try again, instead of throwing, if the failure is temporary. */
  private async retryLater(work: () => Promise<JsonObject>): Promise<JsonObject> {
    try {
      return await work();
    } catch (error) {
      // The opener and the worker may post the card at the same time. The second one waits only until the first has posted.
      if (error instanceof ToolBusy) return { retryAfterMs: Math.min(error.retryAfterMs, POSTING_MS) };
      if (error instanceof SlackBusy) return { retryAfterMs: (error.retryAfterSeconds ?? 1) * 1000 };
      throw error;
    }
  }

  /** Ensures that a task has a card, which says that it waits if it is new. Returns the card's `ts`. Throws `ToolBusy`. */
  async ensure(task: Task, deadline: Deadline, requestedAtMs?: number): Promise<string> {
    if (task.cardTs !== undefined) return task.cardTs;
    return (await this.post(task, { state: task.state, steps: [] }, deadline, requestedAtMs)).ts;
  }

  /** Ensures that a task has a thread. The thread of a task from `/ask` begins with the card. Throws `ToolBusy`. */
  async ensureThread(task: Task, deadline: Deadline, requestedAtMs?: number): Promise<Task & { threadTs: string }> {
    if (task.threadTs !== undefined) return { ...task, threadTs: task.threadTs };
    const ts = await this.ensure(task, deadline, requestedAtMs);
    return { ...task, cardTs: ts, threadTs: ts };
  }

  private async show(task: Task, reported: Progress, deadline: Deadline, requestedAtMs?: number): Promise<JsonObject> {
    // An ended task stays ended, even if an older report arrives late.
    const progress = isEnded(task) ? { ...reported, state: task.state } : reported;
    const { ts, isNew } =
      task.cardTs === undefined ? await this.post(task, progress, deadline, requestedAtMs) : { ts: task.cardTs, isNew: false };
    if (isNew) return { ts };
    const waitMs = await this.#parts.turns.takeTurn(task.id, this.#parts.nowMs(), PACE_MS, deadline);
    if (waitMs > 0) return { retryAfterMs: waitMs };
    await this.change(task, ts, progress);
    return { ts };
  }

  /** Builds the card, with names instead of mentions. */
  private async build(task: Task, progress: Progress): Promise<Layout> {
    const { names } = this.#parts;
    const text = await names.writeInto(task.text);
    const steps = await Promise.all(progress.steps.map(async step => ({ ...step, label: await names.writeInto(step.label) })));
    const note = progress.note === undefined ? {} : { note: await names.writeInto(progress.note) };
    return buildTaskCard({ ...task, text }, { ...progress, steps, ...note }, this.#parts.nowMs());
  }

  private async change(task: Task, ts: string, progress: Progress): Promise<void> {
    try {
      await this.#parts.slack.update({ channel: task.channel, ts, ...(await this.build(task, progress)) });
    } catch (error) {
      // Somebody deleted the card. The task continues without one.
      if (!(error instanceof SlackRefused && error.context["code"] === "message_not_found")) throw error;
    }
  }

  /** Posts the card unless it exists, and stores its `ts` with the task. */
  private async post(task: Task, progress: Progress, deadline: Deadline, requestedAtMs?: number): Promise<{ ts: string; isNew: boolean }> {
    const { channel, threadTs } = task;
    const call = { task: task.id, key: KEY, tool: "report_progress", fingerprint: KEY, limits: [], requestedAtMs } as const;
    const { result, isRepeat } = await this.#parts.once.run(call, deadline, async ({ id, sinceMs }) => {
      const place = { channel, id, ...(threadTs === undefined ? {} : { threadTs }) };
      const posted = sinceMs === undefined ? undefined : await this.#parts.slack.findPosted(place, sinceMs);
      return { result: { ts: posted ?? (await this.#parts.slack.post({ ...place, ...(await this.build(task, progress)) })) } };
    });
    const ts = String(result["ts"]);
    await this.#parts.tasks.keepCard(task, { ts, threadTs: threadTs ?? ts }, this.#parts.nowMs());
    return { ts, isNew: !isRepeat };
  }
}

export { Cards };
