/** Receives tasks from the queue or from AgentCore, and works on a few of them at a time. */
import { TASKS_PER_WORKER } from "#core/agent/task";
import { parseTaskRequest, type TaskRequest } from "#core/agent/task-request";
import { BadRequest } from "#core/errors";
import { metrics } from "#core/metrics";
import type { AgentQueue } from "#stores/agent/queue";
import { Assignment, type WorkerDependencies } from "./assignment";
import { type Delivery, QueueDelivery } from "./delivery";
import { ShuttingDown } from "./ends";
import { HELD_SECONDS } from "./hold";
import { LostTasks } from "./lost-tasks";
import { runTraced } from "./trace";
import { waitUntil } from "./wait";

/** Pause after a failed receive. */
const PAUSE_MS = 2000;

class AgentWorker {
  private readonly shutdown = new AbortController();
  private readonly dependencies: WorkerDependencies;
  private readonly assignments = new Map<string, Assignment>();
  private readonly works = new Set<Promise<void>>();
  private readonly lost: LostTasks;

  constructor(
    private readonly queue: AgentQueue,
    dependencies: Omit<WorkerDependencies, "shutdown">,
  ) {
    this.dependencies = { ...dependencies, shutdown: this.shutdown.signal };
    this.lost = new LostTasks(dependencies);
  }

  get isBusy(): boolean {
    return this.works.size > 0;
  }

  /** Receives tasks from the queue until the worker is stopped. */
  async run(): Promise<void> {
    const { log, nowMs } = this.dependencies;
    const { signal } = this.shutdown;
    while (!signal.aborted) {
      try {
        const isIdle = (await this.receive(signal)) === 0;
        if (isIdle) await this.lost.look(signal);
      } catch (error) {
        if (signal.aborted) return;
        log.error("the queue could not be worked off", error);
        await waitUntil(nowMs() + PAUSE_MS, signal, nowMs).catch(() => {});
      }
    }
  }

  /** Starts to work on a delivery and returns at once. Throws `BadRequest` if it is not a task. */
  take(delivery: Delivery): void {
    const request = parseTaskRequest(delivery.body);
    const known = this.assignments.get(request.id);
    if (known === undefined) this.begin(request, delivery);
    else if (request.isNext) this.wake(known, delivery);
    else if (known.isTwin(request)) this.drop(request, delivery);
    else known.add(delivery);
  }

  private begin(request: TaskRequest, delivery: Delivery): void {
    const work = this.work(request, delivery);
    this.works.add(work);
    // `work` logs its own errors.
    void work.finally(() => this.works.delete(work));
  }

  /** Tells a task that its turn has come. If this worker is about to leave the task in the table, it takes the task again after that. */
  private wake(known: Assignment, delivery: Delivery): void {
    if (known.wake(delivery)) return;
    void known.left.then(() => this.take(delivery));
  }

  /** Deletes the second message of a mention already in progress. If this worker dies, SQS redelivers the first one. */
  private drop({ id }: TaskRequest, delivery: Delivery): void {
    void delivery
      .remove()
      .catch(error => this.dependencies.log.error("the second message of a mention is left in the queue", error, { task: id }));
  }

  /** Stops receiving, hands back all tasks, and returns when that is done. */
  async stop(): Promise<void> {
    this.shutdown.abort(new ShuttingDown());
    await this.settle();
  }

  /** Returns when it is done with the tasks that it was given, and has ended those whose worker died. */
  async finish(): Promise<void> {
    await this.settle();
    if (!this.shutdown.signal.aborted) await this.lost.look(this.shutdown.signal);
  }

  private async settle(): Promise<void> {
    while (this.isBusy) await Promise.all(this.works);
  }

  private async receive(signal: AbortSignal): Promise<number> {
    while (this.works.size >= TASKS_PER_WORKER) await Promise.race(this.works);
    const received = await this.queue.receive(TASKS_PER_WORKER - this.works.size, HELD_SECONDS, signal);
    for (const message of received) this.takeOrLeave(new QueueDelivery(this.queue, message));
    return received.length;
  }

  /** Leaves a message that is not a task in the queue, where it becomes a dead letter after its third receive. */
  private takeOrLeave(delivery: Delivery): void {
    try {
      this.take(delivery);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      this.dependencies.log.error("a message is not a task", error, { receiveCount: delivery.receiveCount });
    }
  }

  private work(request: TaskRequest, delivery: Delivery): Promise<void> {
    return metrics.measure(() => {
      metrics.concern(request.id);
      return this.workOn(request, delivery);
    });
  }

  private async workOn(request: TaskRequest, delivery: Delivery): Promise<void> {
    const { log } = this.dependencies;
    const assignment = new Assignment(request, this.dependencies);
    assignment.add(delivery);
    this.assignments.set(request.id, assignment);
    log.info("task taken", { task: request.id, receiveCount: delivery.receiveCount });
    try {
      await runTraced(delivery.traceHeader, () => assignment.work());
      log.info("task let go", { task: request.id });
    } catch (error) {
      log.error("the task's end could not be written down; it comes again", error, { task: request.id });
    } finally {
      this.assignments.delete(request.id);
      assignment.leave();
    }
  }
}

export { AgentWorker };
