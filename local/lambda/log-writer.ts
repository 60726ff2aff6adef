import { AwsError } from "../kernel/aws-error";
import type { RoleCaller } from "../kernel/caller";
import type { Cloud } from "../kernel/service";

interface LogEvent {
  timestamp: number;
  message: string;
}

/** How long lines are gathered before they are sent, real milliseconds: one call for the lines of several short invocations. */
const gatherMs = 50;

/**
 * One log stream of an execution environment, written with the function's role, as Lambda does.
 *
 * Without the grants there are no logs; the cloud's own output says so, once a function.
 */
class LogWriter {
  #pending: LogEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #open = false;
  #refused = false;

  constructor(
    private readonly cloud: Pick<Cloud, "call">,
    private readonly caller: RoleCaller,
    private readonly group: string,
    private readonly stream: string,
    private readonly onRefused: (error: AwsError) => void,
  ) {}

  write(timestamp: number, message: string) {
    if (this.#refused) return;
    this.#pending.push({ timestamp, message });
    this.#timer ??= setTimeout(() => void this.flush(), gatherMs);
  }

  /** Sends what is there. Never rejects: what goes wrong is reported to `onRefused`. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#send());
    return this.#sending;
  }

  async #send() {
    const events = this.#pending.splice(0);
    if (events.length === 0 || this.#refused) return;
    try {
      if (!this.#open) await this.#createStream();
      this.#open = true;
      // The service wants them in order; a line of the function and one of ours may have crossed.
      events.sort((a, b) => a.timestamp - b.timestamp);
      await this.#call("PutLogEvents", { logGroupName: this.group, logStreamName: this.stream, logEvents: events });
    } catch (error) {
      this.#refused = true;
      this.onRefused(error instanceof AwsError ? error : new AwsError("InternalFailure", String(error), 500));
    }
  }

  /** Where the group is missing, Lambda makes it, if the role may. */
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

export { LogWriter };
