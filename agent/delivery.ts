/** One delivery of a task to this worker, which holds it until the task has ended or goes to another worker. */
import type { AgentQueue, Received } from "#stores/agent/queue";

interface Delivery {
  readonly body: string;
  /** How often the message was received; undefined for an invocation. */
  readonly receiveCount: number | undefined;
  readonly traceHeader: string | undefined;
  /** Extends its visibility timeout to `seconds` from now. */
  extend(seconds: number): Promise<void>;
  /** Gives it to another worker after `delaySeconds`, without using up a try. */
  handBack(delaySeconds?: number): Promise<void>;
  /** Lets it be redelivered after `seconds`, as the next try. */
  retryAfter(seconds: number): Promise<void>;
  /** Deletes it, because the task has ended. */
  remove(): Promise<void>;
}

/** A message received from the queue. */
class QueueDelivery implements Delivery {
  /** Whether it has been deleted. */
  isDeleted = false;
  readonly body: string;
  readonly receiveCount: number;
  readonly traceHeader: string | undefined;

  constructor(
    private readonly queue: AgentQueue,
    private readonly received: Received,
  ) {
    this.body = received.body;
    this.receiveCount = received.receiveCount;
    this.traceHeader = received.traceHeader;
  }

  extend(seconds: number): Promise<void> {
    return this.queue.extend(this.received.handle, seconds);
  }

  async handBack(delaySeconds = 0): Promise<void> {
    // Send the copy first: if the worker dies in between, two messages are better than none.
    await this.queue.copy(this.received, delaySeconds);
    await this.remove();
  }

  retryAfter(seconds: number): Promise<void> {
    return this.queue.extend(this.received.handle, seconds);
  }

  async remove(): Promise<void> {
    await this.queue.delete(this.received.handle);
    this.isDeleted = true;
  }
}

/** An invocation by AgentCore. Its message is no longer in the queue, so retries are new messages. */
class InvokedDelivery implements Delivery {
  readonly receiveCount = undefined;

  constructor(
    private readonly queue: AgentQueue,
    readonly body: string,
    readonly traceHeader: string | undefined,
  ) {}

  async extend(): Promise<void> {}

  handBack(delaySeconds = 0): Promise<void> {
    return this.queue.copy(this, delaySeconds);
  }

  retryAfter(seconds: number): Promise<void> {
    return this.queue.copy(this, seconds);
  }

  async remove(): Promise<void> {}
}

export type { Delivery };
export { InvokedDelivery, QueueDelivery };
