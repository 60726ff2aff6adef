/** Works on one task, from its delivery until the task has ended or goes to another worker. May take several runs. */
import { randomUUID } from "node:crypto";
import { type Conversation, describeFile } from "#core/agent/conversation";
import {
  buildSlotNote,
  buildSlotWait,
  buildThreadKey,
  type EndState,
  type HeardTurn,
  isEnded,
  isFinal,
  MAX_TRIES,
  type Task,
} from "#core/agent/task";
import type { TaskRequest } from "#core/agent/task-request";
import { type AgentBusy, compareTs, placeOf, tsOf } from "#core/agent/thread";
import { LeaseLost } from "#core/errors";
import { metrics } from "#core/metrics";
import type { LastTries } from "#stores/agent/last-tries";
import type { NextTurns } from "#stores/agent/next-turns";
import type { Slots } from "#stores/agent/slots";
import type { Ending, TasksTable } from "#stores/agent/tasks-table";
import type { Lease, ThreadLeases } from "#stores/agent/thread-leases";
import type { ThreadsTable } from "#stores/agent/threads-table";
import { AnswerStream } from "./answer-stream";
import type { Delivery } from "./delivery";
import { AlreadyEnded, NoSlot, RunsElsewhere, ShuttingDown, StopRequested, ThreadBusy, TimeUp } from "./ends";
import { Hold, type HoldDependencies, LOOK_MS } from "./hold";
import { Progress } from "./progress";
import type { Runner } from "./runner";
import type { GatewayTools } from "./tools";
import { waitUntil } from "./wait";

/** Dependencies that all tasks of a worker share. */
interface WorkerDependencies extends HoldDependencies {
  tasks: TasksTable;
  threads: ThreadsTable;
  leases: ThreadLeases;
  nextTurns: NextTurns;
  /** What happens to a request while a task runs in its thread. */
  busy: AgentBusy;
  slots: Slots;
  teamSlots?: Slots | undefined;
  lastTries: LastTries;
  tools: GatewayTools;
  runner: Runner;
}

const RETRY_SECONDS = 30;
const WATCH_MS = 5000;
/** How long a worker waits for the lease that another run of its task holds. If that run has let go or died, the lease is free by then. */
const ELSEWHERE_MS = 10_000;
/** How long a message waits in the queue while another worker is at work on its task. */
const ELSEWHERE_SECONDS = 30;
/** Slack sets the status *processing* back after an hour. Source: https://docs.slack.dev/ai/agent-sessions */
const SHOW_SESSION_MS = 30 * 60 * 1000;
/** A card shows a few hundred characters; the log has the rest. */
const MAX_ERROR_CHARACTERS = 500;

const describeFailure = (error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error);
  return said.toWellFormed().slice(0, MAX_ERROR_CHARACTERS).trim() || "It failed without a message.";
};

class Assignment {
  private readonly hold: Hold;
  private readonly progress: Progress;
  private readonly over = new AbortController();
  /** Resolves when this worker is done with the task. */
  readonly left: Promise<void>;
  /** Tells those who wait that this worker is done with the task. */
  readonly leave: () => void;
  /** Whether the task has been told to begin. */
  #isWoken = false;
  /** Whether the task waits for its turn in the table by now, without this worker. */
  #isLeaving = false;
  /** The answer of the latest run, as far as it is shown. */
  #answer: AnswerStream | undefined;

  constructor(
    private readonly request: TaskRequest,
    private readonly dependencies: WorkerDependencies,
  ) {
    this.hold = new Hold(request, dependencies);
    this.progress = new Progress(request.id, dependencies, AbortSignal.any([this.over.signal, dependencies.shutdown]));
    let leave = () => {};
    this.left = new Promise(resolve => {
      leave = resolve;
    });
    this.leave = leave;
  }

  /** Holds a delivery of this task. */
  add(delivery: Delivery): void {
    this.hold.add(delivery);
  }

  /** Holds the message that tells the task to begin. Returns false if this worker has already decided to let the task wait. */
  wake(delivery: Delivery): boolean {
    if (this.#isLeaving) return false;
    this.#isWoken = true;
    this.add(delivery);
    return true;
  }

  /** Works on the task until this worker is done with it. Throws if the outcome can't be stored; SQS then redelivers the message. */
  async work(): Promise<void> {
    try {
      await this.hold.markLastTry();
      if (await this.accept()) {
        this.hold.start();
        while (await this.tryOnce()) await this.hold.renew();
      } else await this.endAgain();
    } finally {
      this.over.abort();
      await this.hold.end();
    }
    await this.hold.unmarkLastTry();
  }

  /** Does what a worker may have missed if it died just after it ended the task: wakes the next turn, and deletes the message. */
  private async endAgain(): Promise<void> {
    const { tasks, nextTurns } = this.dependencies;
    const task = await tasks.read(this.request.id);
    if (task !== undefined) await nextTurns.wake(task);
    await this.removeDeliveries();
  }

  /** Tells whether a request is the second of the two messages that Slack sends for a mention. */
  isTwin({ messageId }: TaskRequest): boolean {
    return messageId !== this.request.messageId;
  }

  /** Stores the task, or reopens one whose dead letter was redriven. Returns false if nothing is left to do for it. */
  private async accept(): Promise<boolean> {
    const { tasks, nowMs } = this.dependencies;
    const task = await tasks.accept(this.request, nowMs());
    // The message should have been deleted. The task must not run for another eight hours.
    if (isFinal(task)) return false;
    if (!isEnded(task)) return true;
    // This is the second message of a failed mention, not a redrive.
    if (task.deadLetter !== undefined && task.deadLetter !== this.request.messageId) return false;
    await tasks.reopen(task, nowMs());
    return true;
  }

  /** Runs the task once. Returns true if another worker took the thread or the slot, so the task has to run again. */
  private async tryOnce(): Promise<boolean> {
    const { log } = this.dependencies;
    try {
      await this.run();
      return false;
    } catch (thrown) {
      // An aborted call throws an error of its own; the reason is in the signal.
      const reason: unknown = this.hold.signal.aborted ? this.hold.signal.reason : thrown;
      if (reason instanceof LeaseLost) {
        log.error("a lease was lost to another worker", reason, { task: this.request.id });
        return true;
      }
      await this.conclude(reason).catch((error: unknown) => {
        if (error instanceof ShuttingDown) return this.handBack();
        throw error;
      });
      return false;
    }
  }

  private async run(): Promise<void> {
    const { tasks, threads, runner, tools, busy, nowMs } = this.dependencies;
    await this.takeSlot();
    await this.takeThread(await this.bindThread());
    const before = await this.readTask();
    const task = await tasks.begin(before, nowMs());
    if (isEnded(task)) throw new AlreadyEnded();
    await threads.unqueue(task, nowMs());
    void this.watchQueue(task);
    if (before.attempts === 0) await this.applyEarlyStop(task);
    await this.hold.look();
    const records = await tasks.readSteps(task.id);
    for (const { number, label } of records) this.progress.setStep(number, { label, state: "done" });
    if (task.cardTs === undefined) await this.progress.settle("processing");
    else this.progress.show("processing");
    const { entries: conversation, files } = await this.readConversation(task);
    const bound = tools.bind(task.id, { onWaiting: waiting => this.showWaiting(task, waiting) });
    this.#answer = new AnswerStream(task.id, this.dependencies, task.hasStream === true);
    const { text, refusal } = await runner.run({
      task,
      answer: this.#answer,
      turn: { id: task.id, team: task.team, text: task.text, user: task.user, conversation, files, heard: [] },
      hear: async () => (busy === "steer" ? this.hear(task) : undefined),
      lease: this.hold.lease!,
      hold: this.hold,
      tools: bound,
      progress: this.progress,
      records,
    });
    await this.end({ state: "done", answer: text }, refusal ?? undefined);
    await this.removeDeliveries();
  }

  /** Finds the first request that waits in the thread, with all that was shared until then. */
  private async hear(task: Task): Promise<HeardTurn | undefined> {
    const { nextTurns, threads } = this.dependencies;
    const next = await nextTurns.find(task);
    const place = next && placeOf(next);
    if (next === undefined || place === undefined) return next;
    const said = (await threads.listSaid(place)).filter(({ ts }) => compareTs(ts, tsOf(next)) <= 0);
    return { ...next, files: said.flatMap(({ files }) => files.map(describeFile)) };
  }

  /** Stops a task if somebody stopped it before any worker received it. A container may take minutes to start. */
  private async applyEarlyStop({ id, team, channel, threadTs, createdAtMs }: Task): Promise<void> {
    const { tasks, nowMs } = this.dependencies;
    const word = threadTs === undefined ? undefined : await tasks.readStop({ team, channel, threadTs });
    if (word !== undefined && word.atMs >= createdAtMs) await tasks.requestStop(id, word.by, nowMs());
  }

  /** Reads what the brain is given, once: a replay gets the same. */
  private async readConversation({ id }: Task): Promise<Conversation> {
    const { tasks, tools, nowMs } = this.dependencies;
    const kept = await tasks.readConversation(id);
    return kept ?? tasks.keepConversation(id, await tools.readConversation(id, this.hold.signal), nowMs());
  }

  private async readTask(): Promise<Task> {
    const task = await this.dependencies.tasks.read(this.request.id);
    if (task === undefined) throw new AlreadyEnded();
    return task;
  }

  /** Throws `NoSlot` if the user or the workspace has no free slot, and `StopRequested` if this task was asked to stop. */
  private async takeSlot(): Promise<void> {
    const full = await this.hold.takeSlots();
    if (full === undefined) return;
    const task = await this.readTask();
    if (task.attempts === 0) await this.applyEarlyStop(task);
    await this.hold.look();
    throw new NoSlot(task, full);
  }

  /** A task of `/ask` gets its thread with its card, so the card must be posted first. */
  private async bindThread(): Promise<Task> {
    const task = await this.readTask();
    if (task.threadTs !== undefined) return task;
    await this.progress.settle("processing");
    return this.readTask();
  }

  /**
   * Acquires the lease of the thread. Throws `ThreadBusy` if another task holds it: then this one waits in the table, and the other's worker
   * tells it when to begin. Waits itself for a lease that is about to run out, because its holder has ended or is another run of this task.
   * Throws `RunsElsewhere` if that run goes on.
   */
  private async takeThread(task: Task): Promise<void> {
    const { tasks, threads, nextTurns, nowMs } = this.dependencies;
    const lease: Lease = { thread: buildThreadKey(task), taskId: task.id, leaseId: randomUUID() };
    const elsewhereAtMs = nowMs() + ELSEWHERE_MS;
    let isQueued = false;
    for (;;) {
      await this.hold.look();
      const holder = await this.hold.tryLease(lease);
      if (holder === undefined) {
        const earlier = await this.findEarlier(task);
        if (earlier === undefined) return;
        await threads.queue(task, nowMs());
        await this.hold.passOn(earlier.id);
        await nextTurns.tell(earlier);
        throw this.leaveWith(new ThreadBusy());
      }
      if (holder === task.id && nowMs() >= elsewhereAtMs) throw this.leaveWith(new RunsElsewhere());
      const other = holder === task.id ? undefined : await tasks.read(holder);
      if (other === undefined || isEnded(other)) await waitUntil(nowMs() + LOOK_MS, this.hold.signal, nowMs);
      else if (!isQueued) await this.queueBehind(other, task);
      // The lease is tried once more after that: its holder may have looked for the next turn before this one was in the queue.
      else if (!this.#isWoken) throw this.leaveWith(new ThreadBusy());
      isQueued ||= other !== undefined && !isEnded(other);
      this.#isWoken = false;
    }
  }

  private async queueBehind(other: Task, task: Task): Promise<void> {
    const { tasks, threads, busy, nowMs } = this.dependencies;
    await threads.queue(task, nowMs());
    if (busy === "interrupt") await tasks.requestStop(other.id, task.user, nowMs());
  }

  /** Finds a turn that waits for longer than this one. */
  private async findEarlier(task: Task): Promise<Task | undefined> {
    const first = await this.dependencies.nextTurns.find(task);
    return first !== undefined && compareTs(tsOf(first), tsOf(task)) < 0 ? first : undefined;
  }

  private leaveWith<Reason extends Error>(reason: Reason): Reason {
    this.#isLeaving = true;
    return reason;
  }

  private showWaiting(task: Task, waiting: boolean): void {
    void this.suspend(task, waiting);
    if (waiting) void this.#answer?.pause(this.hold.signal).catch(() => {});
    const state = waiting ? "waiting" : "processing";
    const last = this.progress.steps.at(-1);
    if (last !== undefined) last.state = state;
    this.progress.show(state, waiting ? "Waits for approval." : undefined);
  }

  /** Shows on Slack's session that the task waits for approval, or no longer does. */
  private async suspend(task: Task, isSuspended: boolean): Promise<void> {
    const { threads, log, nowMs } = this.dependencies;
    try {
      await threads.suspend(task, isSuspended, nowMs());
      await this.showSession();
    } catch (error) {
      log.error("the session does not show whether the task waits", error, { task: task.id });
    }
  }

  /** Handles the reason why a run ended without an answer. */
  private async conclude(reason: unknown): Promise<void> {
    const { log } = this.dependencies;
    const task = this.request.id;
    if (reason instanceof ShuttingDown) return this.handBack();
    if (reason instanceof NoSlot) return this.waitForSlot(reason);
    if (reason instanceof ThreadBusy) return this.waitForThread();
    if (reason instanceof RunsElsewhere) {
      await this.hold.release();
      return this.handBackDelivery(ELSEWHERE_SECONDS);
    }
    if (reason instanceof AlreadyEnded) {
      await this.hold.release();
      return this.removeDeliveries();
    }
    if (reason instanceof StopRequested) {
      await this.end({ state: "stopped" }, "Stopped on request.");
      return this.removeDeliveries();
    }
    if (reason instanceof TimeUp) {
      // Another try would be useless: the time limit counts from the first one.
      await this.end({ state: "failed", error: reason.message, isTimeUp: true }, reason.message);
      return this.removeDeliveries();
    }
    const tries = await this.countTries();
    log.error("the task could not be finished", reason, { task, tries });
    return tries >= MAX_TRIES ? this.giveUp(reason) : this.tryLater();
  }

  private async countTries(): Promise<number> {
    return this.hold.tries ?? (await this.dependencies.tasks.read(this.request.id))?.attempts ?? MAX_TRIES;
  }

  /** Fails the task and lets its message become a dead letter. If that is redriven, the task resumes at its last checkpoint. */
  private async giveUp(reason: unknown): Promise<void> {
    const error = describeFailure(reason);
    const isCounted = this.hold.tries !== undefined;
    await this.end({ state: "failed", error, deadLetter: isCounted ? this.request.messageId : "" }, error);
    if (isCounted) await this.retryDeliveries(0);
  }

  private async tryLater(): Promise<void> {
    await this.dependencies.tasks.handBack(this.request.id);
    await this.hold.release();
    await this.retryDeliveries(RETRY_SECONDS);
  }

  /** Lets another worker resume the task at once. */
  private async handBack(): Promise<void> {
    await this.dependencies.tasks.handBack(this.request.id);
    await this.handBackDelivery();
    await this.hold.release();
  }

  /** Returns the task to the queue with a delay, so that it occupies no worker while it waits. */
  private async waitForSlot({ task, full }: NoSlot): Promise<void> {
    const { tasks, slots, teamSlots, nowMs } = this.dependencies;
    if (!task.hasNoSlot) {
      const isOfTeam = full === "team" && teamSlots !== undefined;
      await this.showWait(buildSlotNote(isOfTeam ? teamSlots.count : slots.count, isOfTeam));
      await tasks.waitForSlot(task.id);
    }
    await this.handBackDelivery(buildSlotWait(task, nowMs()));
  }

  /** Leaves the task in the table, where it occupies no worker, until its turn comes. */
  private async waitForThread(): Promise<void> {
    // An agent that listens while it works takes up the request itself.
    if (this.dependencies.busy !== "steer") await this.showWait("Another task is at work in this thread.");
    await this.hold.release();
    await this.removeDeliveries();
  }

  private async showWait(note: string): Promise<void> {
    try {
      await this.progress.settle("waiting", note);
    } catch (error) {
      if (this.dependencies.shutdown.aborted) throw new ShuttingDown();
      this.dependencies.log.error("the card does not show that the task waits", error, { task: this.request.id });
    }
  }

  private async handBackDelivery(delaySeconds = 0): Promise<void> {
    // The copy starts with a new receive count, so no heartbeat may mark the last try again.
    await this.hold.end();
    await this.hold.unmarkLastTry();
    const [latest] = this.hold.deliveries.slice(-1);
    await latest?.handBack(delaySeconds);
  }

  /** Shows how the task ended, then stores it. In this order, because the gateway refuses calls of a task that has ended. */
  private async end(ending: Ending, note?: string): Promise<void> {
    const { tasks, log, nowMs } = this.dependencies;
    this.progress.endStep(ending.state satisfies EndState);
    try {
      await this.progress.settle(ending.state, note);
    } catch (error) {
      // A card that can't be changed must not keep a task from ending. If the worker shuts down, the next one does both.
      if (this.dependencies.shutdown.aborted) throw new ShuttingDown();
      log.error("the card does not show how the task ended", error, { task: this.request.id });
    }
    const task = await this.readTask();
    if (ending.state !== "done") await this.closeAnswer(task);
    await tasks.finish(task, ending, nowMs(), this.hold.lease);
    metrics.add("AgentTurns", 1);
    await this.passOn(task);
    await this.showSession();
  }

  /** Ends the stream of a task that has no answer. An earlier worker may have begun it. */
  private async closeAnswer(task: Task): Promise<void> {
    const { shutdown, log } = this.dependencies;
    const answer = this.#answer ?? new AnswerStream(task.id, this.dependencies, task.hasStream === true);
    try {
      await answer.close(shutdown);
    } catch (error) {
      if (shutdown.aborted) throw new ShuttingDown();
      // Slack ends the stream itself after five minutes.
      log.error("the answer's stream is left open", error, { task: task.id });
    }
  }

  private async showSession(): Promise<void> {
    const { tools, shutdown, log } = this.dependencies;
    try {
      await tools.showSession(this.request.id, shutdown);
    } catch (error) {
      log.error("the relay will show the session's status", error, { task: this.request.id });
    }
  }

  /**
   * Wakes turns that wait for the thread and have been asked to stop, so that they need not wait for its end, too. And keeps the session's
   * status, which Slack sets back after an hour.
   */
  private async watchQueue(task: Task): Promise<void> {
    const { nextTurns, log, nowMs } = this.dependencies;
    const signal = AbortSignal.any([this.over.signal, this.hold.signal]);
    let showAtMs = nowMs() + SHOW_SESSION_MS;
    while (!signal.aborted) {
      try {
        await waitUntil(nowMs() + WATCH_MS, signal, nowMs);
        if (nowMs() >= showAtMs) {
          showAtMs = nowMs() + SHOW_SESSION_MS;
          await this.showSession();
        }
        for (const next of await nextTurns.list(task)) if (next.stopBy !== undefined) await nextTurns.tell(next);
      } catch (error) {
        if (!signal.aborted) log.error("the turns that wait could not be watched", error, { task: task.id });
      }
    }
  }

  /** Passes the thread on to the turn that waits for it longest, or releases it. */
  private async passOn(task: Task): Promise<void> {
    const { nextTurns } = this.dependencies;
    const next = await nextTurns.find(task);
    if (next !== undefined && this.hold.lease !== undefined) await this.hold.passOn(next.id);
    await this.hold.release();
    if (next !== undefined) await nextTurns.tell(next);
    // One may have come after the look and before the release.
    else await nextTurns.wake(task);
  }

  private async removeDeliveries(): Promise<void> {
    // Earlier receipt handles of the same message are void; deleting with them does no harm.
    for (const delivery of this.hold.deliveries) await delivery.remove();
  }

  private async retryDeliveries(seconds: number): Promise<void> {
    const [latest] = this.hold.deliveries.slice(-1);
    await latest?.retryAfter(seconds);
  }
}

export type { WorkerDependencies };
export { Assignment };
