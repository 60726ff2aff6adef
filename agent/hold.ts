/** Holds a task while this worker has it: its message stays hidden, its thread's lease is kept, and whether it is to stop is looked up. */
import { LeaseLost } from "#core/errors";
import type { Log } from "#core/log";
import { isEnded, MAX_TRIES, type Task } from "#core/task";
import type { LastTries } from "#stores/last-tries";
import type { TasksTable } from "#stores/tasks-table";
import type { Lease, ThreadLeases } from "#stores/thread-leases";
import type { Delivery } from "./delivery";
import { AlreadyEnded, StopRequested, TimeUp } from "./ends";
import { waitUntil } from "./wait";

/** How long a message and a lease last without a heartbeat. */
const HELD_SECONDS = 120;
const BEAT_MS = 30_000;
const LOOK_MS = 3000;
const MAX_HOURS = 8;
const MAX_HELD_MS = MAX_HOURS * 3600 * 1000;
/** SQS hides a message for 12 hours at most; one that waited for its thread and then ran for eight may come near that. */
const RENEW_MS = 11 * 3600 * 1000;

class Hold {
  readonly #deliveries: Delivery[] = [];
  #heldSinceMs = 0;
  readonly #over = new AbortController();
  #run = new AbortController();
  #lease: Lease | undefined;
  #keeping: Promise<void> | undefined;
  #isMarked = false;

  constructor(
    private readonly taskId: string,
    private readonly tasks: TasksTable,
    private readonly leases: ThreadLeases,
    private readonly lastTries: LastTries,
    private readonly log: Log,
    private readonly shutdown: AbortSignal,
    private readonly nowMs: () => number,
  ) {}

  /** Aborts when the present run of the task has to end; its reason is one of the errors of `ends.ts`, or `LeaseLost`. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#run.signal, this.shutdown]);
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Which try this is, by the latest delivery. */
  get tries(): number | undefined {
    return this.#deliveries.at(-1)?.receiveCount;
  }

  /** Holds a delivery of the task; a further one may be of the same message, whose earlier handle is void by then, or of a copy. */
  add(delivery: Delivery): void {
    this.#deliveries.push(delivery);
    this.#heldSinceMs = this.nowMs();
  }

  /** Begins a run: what ended the one before no longer counts. */
  renew(): void {
    this.#run = new AbortController();
    this.#lease = undefined;
  }

  /** Takes the lease, if nobody has it. Returns the id of the task that holds the thread instead. */
  async tryLease(lease: Lease): Promise<string | undefined> {
    const nowMs = this.nowMs();
    const holder = await this.leases.acquire(lease, nowMs, nowMs + HELD_SECONDS * 1000);
    if (holder === undefined) this.#lease = lease;
    return holder;
  }

  async release(): Promise<void> {
    if (this.#lease !== undefined) await this.leases.release(this.#lease);
    this.#lease = undefined;
  }

  /** Marks the task while its message comes to nobody after this worker, so that its loss is noticed. */
  async markLastTry(): Promise<void> {
    if ((this.tries ?? 0) < MAX_TRIES) return;
    this.#isMarked = true;
    await this.lastTries.put({ task: this.taskId, untilMs: this.nowMs() + HELD_SECONDS * 1000 });
  }

  async unmarkLastTry(): Promise<void> {
    if (this.#isMarked) await this.lastTries.remove(this.taskId);
    this.#isMarked = false;
  }

  /** Begins to look and beat in the background. */
  start(): void {
    this.#keeping = this.keep();
  }

  /** Beats no more, and has its last beat behind it. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#keeping;
  }

  /** Looks whether the task is still to be worked on. Throws `StopRequested`, `AlreadyEnded`, `TimeUp`. */
  async look(): Promise<void> {
    const task = await this.tasks.read(this.taskId);
    const reason = this.findEnd(task);
    if (reason !== undefined) this.#run.abort(reason);
    this.signal.throwIfAborted();
  }

  /** Keeps messages, lease and mark for another two minutes. Aborts the run when the lease is another's. */
  async beat(): Promise<void> {
    await this.keepDeliveries();
    await this.keepLease();
    await this.markLastTry();
  }

  private async keepDeliveries(): Promise<void> {
    const extended = await Promise.allSettled(this.#deliveries.map(delivery => delivery.extend(HELD_SECONDS)));
    // Earlier handles of a message may be void; the latest one is not.
    const last = extended.at(-1);
    if (last?.status === "rejected") this.log.error("the message could not be kept", last.reason, { task: this.taskId });
    if (this.nowMs() - this.#heldSinceMs > RENEW_MS) await this.renewDelivery();
  }

  private async keepLease(): Promise<void> {
    if (this.#lease === undefined) return;
    try {
      await this.leases.extend(this.#lease, this.nowMs() + HELD_SECONDS * 1000);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      this.#run.abort(error);
    }
  }

  /** Puts a copy in place of a message that can't be hidden for much longer. It comes back to this hold, or waits elsewhere for the thread. */
  private async renewDelivery(): Promise<void> {
    const old = this.#deliveries.splice(0);
    this.#heldSinceMs = this.nowMs();
    await this.unmarkLastTry();
    await old.at(-1)?.handBack();
  }

  private findEnd(task: Task | undefined): Error | undefined {
    if (task === undefined || isEnded(task)) return new AlreadyEnded();
    if (task.stopBy !== undefined) return new StopRequested(task.stopBy);
    const isLate = task.startedAtMs !== undefined && this.nowMs() - task.startedAtMs > MAX_HELD_MS;
    return isLate ? new TimeUp(`The task took longer than ${MAX_HOURS} hours.`) : undefined;
  }

  private async keep(): Promise<void> {
    const over = this.#over.signal;
    let beatAtMs = this.nowMs() + BEAT_MS;
    while (!over.aborted) {
      try {
        await waitUntil(this.nowMs() + LOOK_MS, over, this.nowMs);
        if (this.nowMs() >= beatAtMs) {
          await this.beat();
          beatAtMs = this.nowMs() + BEAT_MS;
        }
        if (!this.signal.aborted) await this.look();
      } catch (error) {
        // What the look found is the run's to handle; anything else may pass before two minutes are over.
        if (!over.aborted && !this.signal.aborted) this.log.error("a heartbeat failed", error, { task: this.taskId });
      }
    }
  }
}

export { HELD_SECONDS, Hold, LOOK_MS };
