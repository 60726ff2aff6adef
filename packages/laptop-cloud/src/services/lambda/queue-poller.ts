import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { AwsError } from "../../kernel/aws-error";
import type { RoleCaller } from "../../kernel/caller";
import type { Cloud } from "../../kernel/service";
import { createTraceRoot, parseTraceHeader } from "../../kernel/trace";
import type { DeployedFunction } from "./deployed-function";
import { compileEventFilter } from "./event-filter";
import { busyLimit } from "./fleet";
import type { Invoker } from "./invoker";
import { buildFiltered, buildRecord, type ReceivedMessage, selectProcessed } from "./queue-batch";
import type { EventSourceMapping } from "./resources/event-source-mapping";
import type { Functions } from "./store";

/** Maximum wait and number of messages of one ReceiveMessage. */
const POLL_SECONDS = 20;
const MAX_RECEIVED = 10;

/** A batch is an event, and an event holds 6 MB. */
const MAX_BATCH_BYTES = 6 * 1024 * 1024;

/** Delay before the next poll after a failed one. */
const ERROR_DELAY_MS = 5000;

/**
 * Polls one queue for one function, with the function's role.
 *
 * Failed messages stay in the queue until their visibility timeout ends; the queue applies its redrive policy.
 * Differs from AWS: one poller, which receives another batch whenever fewer than the mapping's concurrency (at most a function's
 * environments) are running.
 */
class QueuePoller {
  readonly #stopping = new AbortController();
  readonly #filters;
  #underWay = 0;
  #freed = () => {};
  #troubled = false;

  constructor(
    private readonly cloud: Cloud,
    readonly mapping: EventSourceMapping,
    private readonly functions: Functions,
    private readonly invoker: Invoker,
  ) {
    this.#filters = mapping.filters.map(compileEventFilter);
  }

  /** Throws `Error` if AWS would refuse the mapping, because the function may run longer than its messages stay invisible. */
  async check() {
    const { timeoutSeconds, label } = this.#deployed.configuration;
    const { Attributes } = await this.#call("GetQueueAttributes", { AttributeNames: ["VisibilityTimeout"] }, this.#role());
    const visibilitySeconds = Number(Attributes?.VisibilityTimeout);
    if (visibilitySeconds < timeoutSeconds) {
      throw new Error(
        `The visibility timeout of ${this.mapping.queueArn} is ${visibilitySeconds} s, less than the timeout of "${label}" (${timeoutSeconds} s): AWS refuses such a mapping.`,
      );
    }
  }

  async run() {
    while (!this.#stopping.signal.aborted) {
      await this.#concurrencyLeft();
      const messages = await this.#gather();
      if (messages.length > 0) void this.cloud.clock.hold(this.#process(messages));
      // While the cloud stops, polls return at once and empty; other work must get a chance to run.
      else await setImmediate();
    }
  }

  stop() {
    this.#stopping.abort();
    this.#freed();
  }

  get #deployed(): DeployedFunction {
    return this.functions.find(this.mapping.functionName);
  }

  #role(trace?: string): RoleCaller {
    return { kind: "role", roleArn: this.#deployed.configuration.roleArn, principal: "lambda.amazonaws.com", trace };
  }

  #call(operation: string, input: object, role: RoleCaller) {
    const [, , , , account, name] = this.mapping.queueArn.split(":");
    return this.cloud.call("sqs", operation, { QueueUrl: `${this.cloud.place.awsUrl}/${account}/${name}`, ...input }, role);
  }

  async #concurrencyLeft() {
    const limit = Math.min(this.mapping.maximumConcurrency ?? busyLimit, busyLimit);
    while (this.#underWay >= limit && !this.#stopping.signal.aborted) {
      await new Promise<void>(resolve => {
        this.#freed = resolve;
      });
    }
  }

  /** One batch: the messages in the queue, and those that arrive within the window. */
  async #gather(): Promise<ReceivedMessage[]> {
    const { batchSize, windowSeconds } = this.mapping;
    const messages = await this.#receive(batchSize, POLL_SECONDS);
    const deadlineMs = this.cloud.clock.nowMs() + windowSeconds * 1000;
    let sizeBytes = sizeOf(messages);
    while (messages.length > 0 && messages.length < batchSize && sizeBytes < MAX_BATCH_BYTES && !this.#stopping.signal.aborted) {
      const leftSeconds = Math.ceil((deadlineMs - this.cloud.clock.nowMs()) / 1000);
      if (leftSeconds <= 0) break;
      const more = await this.#receive(batchSize - messages.length, Math.min(leftSeconds, POLL_SECONDS));
      messages.push(...more);
      sizeBytes += sizeOf(more);
    }
    return messages;
  }

  /** Undefined if the queue can't be polled; logs that once, and waits before the next attempt. */
  async #receive(most: number, waitSeconds: number): Promise<ReceivedMessage[]> {
    try {
      const { Messages = [] } = await this.#call(
        "ReceiveMessage",
        {
          MaxNumberOfMessages: Math.min(most, MAX_RECEIVED),
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ["All"],
          MessageAttributeNames: ["All"],
        },
        this.#role(),
      );
      this.#troubled = false;
      return Messages;
    } catch (error) {
      if (this.#stopping.signal.aborted) return [];
      if (!this.#troubled) console.error(`${this.mapping.functionName} can't poll ${this.mapping.queueArn}: ${(error as Error).message}`);
      this.#troubled = true;
      await this.cloud.clock.wait(ERROR_DELAY_MS, this.#stopping.signal);
      return [];
    }
  }

  async #process(received: ReceivedMessage[]) {
    this.#underWay++;
    try {
      const wanted = received.filter(message => this.#passes(message));
      const dropped = received.filter(message => !wanted.includes(message));
      const processed = wanted.length === 0 ? [] : await this.#invoke(wanted);
      if (!this.invoker.stopped) await this.#delete([...dropped, ...processed]);
    } catch (error) {
      if (!this.invoker.stopped)
        console.error(`${this.mapping.functionName} leaves a batch of ${this.mapping.queueArn}: ${(error as Error).message}`);
    } finally {
      this.#underWay--;
      this.#freed();
    }
  }

  #passes(message: ReceivedMessage): boolean {
    if (this.#filters.length === 0) return true;
    const record = buildFiltered(buildRecord(message, this.mapping.queueArn, this.cloud.place.region));
    return this.#filters.some(filter => filter(record));
  }

  /** The messages that the function has processed: none if it was throttled. */
  async #invoke(messages: ReceivedMessage[]): Promise<ReceivedMessage[]> {
    const { queueArn, reportsFailures } = this.mapping;
    const trace = traceOf(messages[0]!) ?? createTraceRoot(this.cloud.clock.nowMs());
    const payload = JSON.stringify({ Records: messages.map(message => buildRecord(message, queueArn, this.cloud.place.region)) });
    const from = this.cloud.inventory.byArn(queueArn)?.name ?? queueArn;
    try {
      const request = { requestId: randomUUID(), payload, trace };
      const reason = { from, type: "RequestResponse", attempt: attemptOf(messages), reportsFailures } as const;
      const outcome = await this.invoker.run(this.#deployed, request, reason);
      return selectProcessed(messages, outcome, reportsFailures);
    } catch (error) {
      if (error instanceof AwsError && error.code === "TooManyRequestsException") return [];
      throw error;
    }
  }

  async #delete(messages: ReceivedMessage[]) {
    for (let start = 0; start < messages.length; start += MAX_RECEIVED) {
      const batch = messages.slice(start, start + MAX_RECEIVED);
      const Entries = batch.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.#call("DeleteMessageBatch", { Entries }, this.#role(traceOf(batch[0]!)));
    }
  }
}

const traceOf = ({ Attributes }: ReceivedMessage): string | undefined => parseTraceHeader(Attributes?.["AWSTraceHeader"]).root;

const attemptOf = (messages: ReceivedMessage[]): number =>
  Math.max(...messages.map(({ Attributes }) => Number(Attributes?.["ApproximateReceiveCount"] ?? 1)));

const sizeOf = (messages: ReceivedMessage[]) => messages.reduce((bytes, { Body }) => bytes + Buffer.byteLength(Body), 0);

export { QueuePoller };
