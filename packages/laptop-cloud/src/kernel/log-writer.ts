import { AwsError } from "./aws-error";
import type { Caller } from "./caller";
import type { Cloud } from "./service";

interface LogEvent {
  timestamp: number;
  message: string;
}

/** PutLogEvents takes so many events, and so many bytes, in one call; it counts 26 bytes for each event beside its message. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;

/** How long lines are gathered before they are sent, real milliseconds: one call for the lines of several short invocations. */
const FLUSH_DELAY_MS = 50;

/**
 * One log stream of code that runs here, written by `caller`: Lambda does it with the function's own role.
 *
 * Without the grants there are no logs, and whoever made the writer is told so.
 */
class LogWriter {
  #pending: LogEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #open = false;
  #refused = false;

  constructor(
    private readonly cloud: Pick<Cloud, "call">,
    private readonly caller: Caller,
    private readonly group: string,
    private readonly stream: string,
    private readonly onRefused: (error: AwsError) => void,
  ) {}

  write(timestamp: number, message: string) {
    if (this.#refused) return;
    this.#pending.push({ timestamp, message });
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_DELAY_MS);
  }

  /** Sends what is there. Never rejects: what goes wrong is reported to `onRefused`. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#send());
    return this.#sending;
  }

  async #send() {
    if (this.#refused) return;
    // The service wants them in order; a line of the function and one of ours may have crossed.
    const events = this.#pending.splice(0).sort((a, b) => a.timestamp - b.timestamp);
    try {
      for (const batch of toBatches(events)) await this.#put(batch);
    } catch (error) {
      this.#refused = true;
      this.onRefused(error instanceof AwsError ? error : new AwsError("InternalFailure", String(error), 500));
    }
  }

  async #put(logEvents: LogEvent[]) {
    const input = { logGroupName: this.group, logStreamName: this.stream, logEvents };
    if (!this.#open) await this.#createStream();
    this.#open = true;
    try {
      await this.#call("PutLogEvents", input);
    } catch (error) {
      // Somebody deleted the stream or its group meanwhile.
      if (!(error instanceof AwsError && error.code === "ResourceNotFoundException")) throw error;
      await this.#createStream();
      await this.#call("PutLogEvents", input);
    }
  }

  /** Where the group is missing it is made, if the role may. */
  async #createStream() {
    const stream = { logGroupName: this.group, logStreamName: this.stream };
    try {
      await this.#call("CreateLogStream", stream);
    } catch (error) {
      if (!(error instanceof AwsError && error.code === "ResourceNotFoundException")) throw error;
      await this.#createGroup();
      await this.#call("CreateLogStream", stream);
    }
  }

  async #createGroup() {
    try {
      await this.#call("CreateLogGroup", { logGroupName: this.group });
    } catch (error) {
      // Another environment was first.
      if (!(error instanceof AwsError && error.code === "ResourceAlreadyExistsException")) throw error;
    }
  }

  #call(operation: string, input: object) {
    return this.cloud.call("logs", operation, input, this.caller);
  }
}

/** A line too long for one call is cut. */
const toBatches = (events: LogEvent[]): LogEvent[][] => {
  const batches: LogEvent[][] = [];
  let batchBytes = 0;
  for (const event of events) {
    const taken = Buffer.byteLength(event.message) > MAX_BYTES - EVENT_OVERHEAD_BYTES ? cut(event) : event;
    const sizeBytes = Buffer.byteLength(taken.message) + EVENT_OVERHEAD_BYTES;
    const batch = batches.at(-1);
    if (batch === undefined || batch.length === MAX_EVENTS || batchBytes + sizeBytes > MAX_BYTES) {
      batches.push([taken]);
      batchBytes = sizeBytes;
    } else {
      batch.push(taken);
      batchBytes += sizeBytes;
    }
  }
  return batches;
};

// A quarter: no character has more than four bytes.
const cut = ({ timestamp, message }: LogEvent): LogEvent => ({
  timestamp,
  message: message.slice(0, MAX_BYTES / 4 - EVENT_OVERHEAD_BYTES),
});

export { LogWriter };
