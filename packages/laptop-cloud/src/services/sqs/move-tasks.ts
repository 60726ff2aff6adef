import { randomUUID } from "node:crypto";
import type { NewMessage, StoredMessage } from "./message";
import type { Queue } from "./queue";
import type { Queues } from "./store";

/** A redrive of a dead-letter queue as it is stored. */
interface MoveTask {
  handle: string;
  sourceArn: string;
  /** Absent: each message returns to its source queue. */
  destinationArn?: string;
  status: "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED";
  mostPerSecond?: number;
  toMove: number;
  moved: number;
  startedMs: number;
  failureReason?: string;
}

/** Messages that are moved in one write: few enough not to delay other work. */
const BATCH_SIZE = 50;

/** Moves messages between queues in the background. Unfinished tasks continue after a restart. */
class MoveTasks {
  readonly #tasks = new Map<string, MoveTask>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly queues: Queues) {}

  async load() {
    const state = this.queues.cloud.state("sqs");
    for (const [, task] of await state.entries<MoveTask>("move/")) this.#tasks.set(task.handle, task);
  }

  /** Continues unfinished tasks. */
  resume() {
    for (const task of this.#tasks.values()) if (task.status === "RUNNING") this.#begin(task);
  }

  async stop() {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  find(handle: string): MoveTask | undefined {
    return this.#tasks.get(handle);
  }

  /** Latest first. */
  of(sourceArn: string): MoveTask[] {
    return [...this.#tasks.values()].filter(task => task.sourceArn === sourceArn).sort((a, b) => b.startedMs - a.startedMs);
  }

  async start(source: Queue, destinationArn: string | undefined, mostPerSecond: number | undefined): Promise<MoveTask> {
    const task: MoveTask = {
      handle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString("base64"),
      sourceArn: source.arn,
      destinationArn,
      status: "RUNNING",
      mostPerSecond,
      toMove: source.counts().visible,
      moved: 0,
      startedMs: this.queues.cloud.clock.nowMs(),
    };
    this.#tasks.set(task.handle, task);
    await this.#keep(task);
    this.#begin(task);
    return task;
  }

  async cancel(task: MoveTask) {
    task.status = "CANCELLED";
    await this.#keep(task);
  }

  #begin(task: MoveTask) {
    const run = this.#run(task).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #run(task: MoveTask) {
    while (task.status === "RUNNING" && !this.#stopping.signal.aborted) {
      const moved = await this.#moveSome(task);
      const pauseMs = task.mostPerSecond === undefined ? 0 : (moved / task.mostPerSecond) * 1000;
      if (pauseMs > 0) await this.queues.cloud.clock.wait(pauseMs, this.#stopping.signal);
    }
  }

  /** Moves one batch, and writes the move and the count together, so that a crash neither loses nor doubles a message. Returns the count. */
  async #moveSome(task: MoveTask): Promise<number> {
    const source = this.queues.byArn(task.sourceArn);
    if (source === undefined) {
      await this.#fail(task, "AWS.SimpleQueueService.NonExistentQueue");
      return 0;
    }
    const most = Math.min(BATCH_SIZE, task.mostPerSecond ?? BATCH_SIZE, task.toMove - task.moved);
    const { messages, changes } = source.take({ most, visibilityMs: 0, maxReceives: Number.POSITIVE_INFINITY });
    const movedBefore = task.moved;
    for (const message of messages) {
      const destination = this.queues.byArn(task.destinationArn ?? message.deadLetterSourceArn ?? "");
      if (destination === undefined) {
        task.status = "FAILED";
        task.failureReason = "CouldNotDetermineMessageSource";
        break;
      }
      changes.push(source.remove(message), destination.add(this.#asNew(message)));
      task.moved++;
    }
    if (task.status === "RUNNING" && (messages.length === 0 || task.moved >= task.toMove)) task.status = "COMPLETED";
    await this.queues.state.batch([...changes, this.#change(task)]);
    return task.moved - movedBefore;
  }

  async #fail(task: MoveTask, reason: string) {
    task.status = "FAILED";
    task.failureReason = reason;
    await this.#keep(task);
  }

  /** A moved message is a new one, with its own id and retention period (SQS developer guide, "Configure a dead-letter queue redrive"). */
  #asNew({ body, attributes, senderId, group, traceHeader }: StoredMessage): NewMessage {
    const nowMs = this.queues.cloud.clock.nowMs();
    return {
      body,
      attributes,
      senderId,
      group,
      traceHeader,
      id: randomUUID(),
      sentMs: nowMs,
      visibleMs: nowMs,
      receives: 0,
      receivesBefore: 0,
    };
  }

  #keep(task: MoveTask) {
    return this.queues.state.batch([this.#change(task)]);
  }

  #change(task: MoveTask) {
    return { put: `move/${task.handle}`, value: task };
  }
}

export type { MoveTask };
export { MoveTasks };
