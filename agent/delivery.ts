/** One delivery of a task to this worker, which holds it until the task has ended or goes elsewhere. */
import type { AgentQueue, Received } from "#stores/agent/queue";

interface Delivery {
  readonly body: string;
  /** How often the task came without an end; undefined where nobody counts. */
  readonly receiveCount: number | undefined;
  readonly traceHeader: string | undefined;
  /** Keeps it from coming again for another `seconds`. */
  extend(seconds: number): Promise<void>;
  /** Gives it to another worker, at once or after some seconds, without using up one of its tries. */
  handBack(delaySeconds?: number): Promise<void>;
  /** Lets it come again after `seconds`, as the next of its tries. */
  retryAfter(seconds: number): Promise<void>;
  /** Ends it: the task has ended. */
  remove(): Promise<void>;
}

/** A message of the queue. */
class QueueDelivery implements Delivery {
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
    // The copy first: between the two calls there are rather two messages of a task than none.
    await this.queue.copy(this.received, delaySeconds);
    await this.queue.delete(this.received.handle);
  }

  retryAfter(seconds: number): Promise<void> {
    return this.queue.extend(this.received.handle, seconds);
  }

  remove(): Promise<void> {
    return this.queue.delete(this.received.handle);
  }
}

/** What AgentCore's runtime was invoked with. Its message has left the queue, so that it goes back there as a new one. */
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
