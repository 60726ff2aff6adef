/** Holds a task for this worker: keeps its message hidden, renews its leases, and checks whether it has been asked to stop. */

import { isEnded, MAX_TRIES, type Task } from "#core/agent/task";
import { LeaseLost } from "#core/errors";
import type { Log } from "#core/log";
import type { LastTries } from "#stores/agent/last-tries";
import type { Slots } from "#stores/agent/slots";
import type { TasksTable } from "#stores/agent/tasks-table";
import type { Lease, ThreadLeases } from "#stores/agent/thread-leases";
import type { Delivery } from "./delivery";
import { AlreadyEnded, StopRequested, TimeUp } from "./ends";
import { waitUntil } from "./wait";

/** How long a message and a lease last without a heartbeat. */
const HELD_SECONDS = 120;
const BEAT_MS = 30_000;
const LOOK_MS = 1000;
const MAX_HOURS = 8;
const MAX_HELD_MS = MAX_HOURS * 3600 * 1000;
/** SQS hides a message for at most 12 hours. A task that waits for its thread and then runs for eight hours can get near that. */
const RENEW_MS = 11 * 3600 * 1000;

/** Dependencies that all tasks of a worker share. */
interface HoldDependencies {
  tasks: Pick<TasksTable, "read">;
  leases: Pick<ThreadLeases, "acquire" | "extend" | "passOn" | "release">;
  /** The slots of persons, and of workspaces; there are no such where the stack serves one workspace. */
  slots: Pick<Slots, "take">;
  teamSlots?: Pick<Slots, "take"> | undefined;
  lastTries: Pick<LastTries, "put" | "remove">;
  log: Log;
  /** Aborts when the worker shuts down. */
  shutdown: AbortSignal;
  nowMs: () => number;
}

class Hold {
  readonly #deliveries: Delivery[] = [];
  #heldSinceMs = 0;
  readonly #over = new AbortController();
  #run = new AbortController();
  #slots: Lease[] = [];
  #lease: Lease | undefined;
  #keeping: Promise<void> | undefined;
  #isMarked = false;

  constructor(
    private readonly task: Pick<Task, "id" | "team" | "user">,
    private readonly dependencies: HoldDependencies,
  ) {}

  /** Aborts when the current run has to end. The reason is one of the errors of `ends.ts`, or `LeaseLost`. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#run.signal, this.dependencies.shutdown]);
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** The number of this try, according to the latest delivery. */
  get tries(): number | undefined {
    return this.#deliveries.at(-1)?.receiveCount;
  }

  /** Holds a delivery of the task. A later delivery may be of the same message, and makes the earlier receipt handle void, or of a copy. */
  add(delivery: Delivery): void {
    this.#deliveries.push(delivery);
    this.#heldSinceMs = this.dependencies.nowMs();
  }

  /** Starts another run: clears what ended the previous one, and releases its thread and slot. */
  async renew(): Promise<void> {
    await this.release();
    this.#run = new AbortController();
  }

  /** Takes one of the user's slots and one of the workspace's. Returns whose slots are all held by other tasks; undefined if none are. */
  async takeSlots(): Promise<"user" | "team" | undefined> {
    const { slots, teamSlots } = this.dependencies;
    if (!(await this.takeOneOf(slots))) return "user";
    if (teamSlots === undefined || (await this.takeOneOf(teamSlots))) return undefined;
    await this.releaseSlots();
    return "team";
  }

  private async takeOneOf(slots: Pick<Slots, "take">): Promise<boolean> {
    const nowMs = this.dependencies.nowMs();
    const slot = await slots.take(this.task, nowMs, nowMs + HELD_SECONDS * 1000);
    if (slot !== undefined) this.#slots.push(slot);
    return slot !== undefined;
  }

  private async releaseSlots(): Promise<void> {
    for (const slot of this.#slots.splice(0)) await this.dependencies.leases.release(slot);
  }

  /** Acquires the thread's lease if it is free. Otherwise returns the id of the task that holds it. */
  async tryLease(lease: Lease): Promise<string | undefined> {
    const nowMs = this.dependencies.nowMs();
    const holder = await this.dependencies.leases.acquire(lease, nowMs, nowMs + HELD_SECONDS * 1000);
    if (holder === undefined) this.#lease = lease;
    return holder;
  }

  /** Passes the thread on to another task, which has two minutes to acquire it. */
  async passOn(taskId: string): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) return;
    await this.dependencies.leases.passOn(lease, taskId, this.dependencies.nowMs() + HELD_SECONDS * 1000);
    this.#lease = undefined;
  }

  /** Releases the thread and the slots. */
  async release(): Promise<void> {
    const { leases } = this.dependencies;
    if (this.#lease !== undefined) await leases.release(this.#lease);
    this.#lease = undefined;
    await this.releaseSlots();
  }

  /** Marks the task if this is its last try, so that somebody notices if this worker dies. */
  async markLastTry(): Promise<void> {
    if ((this.tries ?? 0) < MAX_TRIES) return;
    this.#isMarked = true;
    await this.dependencies.lastTries.put({ task: this.task.id, untilMs: this.dependencies.nowMs() + HELD_SECONDS * 1000 });
  }

  async unmarkLastTry(): Promise<void> {
    if (this.#isMarked) await this.dependencies.lastTries.remove(this.task.id);
    this.#isMarked = false;
  }

  /** Starts heartbeats and checks in the background. */
  start(): void {
    this.#keeping = this.keep();
  }

  /** Stops the heartbeats, and waits for the last one. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#keeping;
  }

  /** Checks whether the run may go on. Throws `StopRequested`, `AlreadyEnded`, `TimeUp`. */
  async look(): Promise<void> {
    const task = await this.dependencies.tasks.read(this.task.id);
    const reason = this.findEnd(task);
    if (reason !== undefined) this.#run.abort(reason);
    this.signal.throwIfAborted();
  }

  /** Extends messages, leases and mark by two minutes. Aborts the run if another worker holds a lease. */
  async beat(): Promise<void> {
    await this.keepDeliveries();
    await this.keepLease(this.#lease);
    for (const slot of this.#slots) await this.keepLease(slot);
    await this.markLastTry();
  }

  private async keepDeliveries(): Promise<void> {
    const extended = await Promise.allSettled(this.#deliveries.map(delivery => delivery.extend(HELD_SECONDS)));
    // Earlier receipt handles of a message may be void; the latest one is valid.
    const last = extended.at(-1);
    if (last?.status === "rejected") this.dependencies.log.error("the message could not be kept", last.reason, { task: this.task.id });
    if (this.dependencies.nowMs() - this.#heldSinceMs > RENEW_MS) await this.renewDelivery();
  }

  private async keepLease(lease: Lease | undefined): Promise<void> {
    if (lease === undefined) return;
    try {
      await this.dependencies.leases.extend(lease, this.dependencies.nowMs() + HELD_SECONDS * 1000);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      this.#run.abort(error);
    }
  }

  /** Replaces a message that can't be hidden for much longer by a copy. This worker receives it, or another one, which then waits for the thread. */
  private async renewDelivery(): Promise<void> {
    const old = this.#deliveries.splice(0);
    this.#heldSinceMs = this.dependencies.nowMs();
    await this.unmarkLastTry();
    await old.at(-1)?.handBack();
  }

  private findEnd(task: Task | undefined): Error | undefined {
    if (task === undefined || isEnded(task)) return new AlreadyEnded();
    if (task.stopBy !== undefined) return new StopRequested(task.stopBy);
    const isLate = task.startedAtMs !== undefined && this.dependencies.nowMs() - task.startedAtMs > MAX_HELD_MS;
    return isLate ? new TimeUp(`The task took longer than ${MAX_HOURS} hours.`) : undefined;
  }

  private async keep(): Promise<void> {
    const over = this.#over.signal;
    let beatAtMs = this.dependencies.nowMs() + BEAT_MS;
    while (!over.aborted) {
      try {
        await waitUntil(this.dependencies.nowMs() + LOOK_MS, over, this.dependencies.nowMs);
        if (this.dependencies.nowMs() >= beatAtMs) {
          await this.beat();
          beatAtMs = this.dependencies.nowMs() + BEAT_MS;
        }
        if (!this.signal.aborted) await this.look();
      } catch (error) {
        // The run handles what the check found. Any other error may be gone before the lease's two minutes are over.
        if (!over.aborted && !this.signal.aborted) this.dependencies.log.error("a heartbeat failed", error, { task: this.task.id });
      }
    }
  }
}

export type { HoldDependencies };
export { HELD_SECONDS, Hold, LOOK_MS };
