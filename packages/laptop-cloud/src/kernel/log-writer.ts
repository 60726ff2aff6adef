import { AwsError } from "./aws-error";
import type { Caller } from "./caller";
import type { Cloud } from "./service";

interface LogEvent {
  timestamp: number;
  message: string;
}

/** Limits of one PutLogEvents call. Each event counts 26 bytes more than its message. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;

/** How long to collect lines before sending them, in real milliseconds, so that several short invocations share one call. */
const FLUSH_DELAY_MS = 50;

interface LogWriterOptions {
  /** Who writes the log: for Lambda, the function's own role. */
  caller: Caller;
  group: string;
  stream: string;
  /** Called once if the caller may not write the log. No lines are written from then on. */
  onRefused: (error: AwsError) => void;
}

/** Writes one log stream. */
class LogWriter {
  #pending: LogEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #open = false;
  #refused = false;

  constructor(
    private readonly cloud: Pick<Cloud, "call">,
    private readonly options: LogWriterOptions,
  ) {}

  write(timestamp: number, message: string) {
    if (this.#refused) return;
    this.#pending.push({ timestamp, message });
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_DELAY_MS);
  }

  /** Sends the collected lines. Never rejects: errors are reported to `onRefused`. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#send());
    return this.#sending;
  }

  async #send() {
    if (this.#refused) return;
    // PutLogEvents requires chronological order; lines of the function and of the cloud may arrive out of order.
    const events = this.#pending.splice(0).sort((a, b) => a.timestamp - b.timestamp);
    try {
      for (const batch of toBatches(events)) await this.#put(batch);
    } catch (error) {
      this.#refused = true;
      this.options.onRefused(error instanceof AwsError ? error : new AwsError("InternalFailure", String(error), 500));
    }
  }

  async #put(logEvents: LogEvent[]) {
    const input = { logGroupName: this.options.group, logStreamName: this.options.stream, logEvents };
    if (!this.#open) await this.#createStream();
    this.#open = true;
    try {
      await this.#call("PutLogEvents", input);
    } catch (error) {
      // The stream or its group was deleted meanwhile.
      if (!(error instanceof AwsError && error.code === "ResourceNotFoundException")) throw error;
      await this.#createStream();
      await this.#call("PutLogEvents", input);
    }
  }

  /** Creates the group too if it is missing and the role allows it. */
  async #createStream() {
    const stream = { logGroupName: this.options.group, logStreamName: this.options.stream };
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
      await this.#call("CreateLogGroup", { logGroupName: this.options.group });
    } catch (error) {
      // Another environment has just created it.
      if (!(error instanceof AwsError && error.code === "ResourceAlreadyExistsException")) throw error;
    }
  }

  #call(operation: string, input: object) {
    return this.cloud.call("logs", operation, input, this.options.caller);
  }
}

/** Cuts lines that are too long for one call. */
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

// A quarter of the limit, because a character has at most four bytes.
const cut = ({ timestamp, message }: LogEvent): LogEvent => ({
  timestamp,
  message: message.slice(0, MAX_BYTES / 4 - EVENT_OVERHEAD_BYTES),
});

export { LogWriter };
