import { AwsError } from "./aws-error";
import type { Caller } from "./caller";
import type { Timer } from "./clock";
import type { Cloud } from "./service";
import type { State, StateChange } from "./state";
import { isThrottling, queueUrl } from "./target-call";

/** A call of a target. It is stored until the target or its dead-letter queue has it. */
interface RetriedCall {
  id: string;
  target: { Arn: string; DeadLetterConfig?: { Arn?: string }; RetryPolicy?: Partial<RetryPolicy> };
  createdMs: number;
  /** When the next attempt is due. */
  dueMs: number;
  /** Attempts that failed so far. */
  failures: number;
}

interface RetryPolicy {
  MaximumRetryAttempts: number;
  MaximumEventAgeInSeconds: number;
}

/** What a service does with its calls. */
interface CallSteps<Call> {
  /** Where the calls are stored: "delivery/". */
  keyPrefix: string;
  attempt(call: Call): Promise<void>;
  record(call: Call, kind: "retry" | "dead-letter", detail: Record<string, unknown>): void;
  /** Begins an error message: "The rule nightly". */
  describe(call: Call): string;
  /** The attributes say why the call failed. */
  buildDeadLetter(call: Call, error: unknown): { body: string; attributes: Record<string, string> };
  /** Who sends the dead letter. */
  senderOf(call: Call): Caller;
}

/** Why a failed call is not retried. */
type Reason = "refused" | "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";

/** The defaults of EventBridge and its Scheduler, which are also the maximum. */
const DEFAULT_POLICY: RetryPolicy = { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 };

/** AWS documents only "exponential backoff". With this maximum, 185 retries take about the allowed 24 hours. */
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 480_000;

/** Calls targets with retries that outlive a restart. Write `toChange`, then call `begin`. */
class RetriedCalls<Call extends RetriedCall> {
  readonly #timers = new Map<string, Timer>();
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
    private readonly steps: CallSteps<Call>,
  ) {}

  /** Repeats the unfinished calls of an earlier start. */
  async resume() {
    for (const [, call] of await this.state.entries<Call>(this.steps.keyPrefix)) this.begin(call);
  }

  async stop() {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.allSettled(this.#underWay);
  }

  toChange(call: Call): StateChange {
    return { put: this.#keyOf(call), value: call };
  }

  begin(call: Call) {
    if (this.#isStopped) return;
    const timer = this.cloud.clock.stopAt(call.dueMs, () => {
      this.#timers.delete(call.id);
      const work = this.#attempt(call)
        .catch(error => console.error(error))
        .finally(() => this.#underWay.delete(work));
      this.#underWay.add(this.cloud.clock.hold(work));
    });
    this.#timers.set(call.id, timer);
  }

  async #attempt(call: Call) {
    try {
      await this.steps.attempt(call);
    } catch (error) {
      // The cloud's stop aborted the call, which stays stored. The next start repeats it.
      if (!this.#isStopped) await this.#fail(call, error);
      return;
    }
    await this.state.delete(this.#keyOf(call));
  }

  async #fail(call: Call, error: unknown) {
    const failed = { ...call, failures: call.failures + 1 };
    const reason = this.#reasonToGiveUp(failed, error);
    if (reason === undefined) return this.#retry(failed, error);
    await this.#giveUp(failed, error, reason);
    await this.state.delete(this.#keyOf(call));
  }

  async #retry(call: Call, error: unknown) {
    const delayMs = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** (call.failures - 1));
    const next = { ...call, dueMs: this.cloud.clock.nowMs() + delayMs };
    this.steps.record(next, "retry", { retry: next.failures, delayMs, error: messageOf(error) });
    await this.state.batch([this.toChange(next)]);
    this.begin(next);
  }

  /** Client errors are never retried: they would fail again. */
  #reasonToGiveUp({ failures, createdMs, target }: Call, error: unknown): Reason | undefined {
    if (error instanceof AwsError && error.status < 500 && !isThrottling(error.code)) return "refused";
    const policy = { ...DEFAULT_POLICY, ...target.RetryPolicy };
    if (failures > policy.MaximumRetryAttempts) return "MaximumRetryAttempts";
    const ageMs = this.cloud.clock.nowMs() - createdMs;
    return ageMs >= policy.MaximumEventAgeInSeconds * 1000 ? "MaximumEventAgeInSeconds" : undefined;
  }

  async #giveUp(call: Call, error: unknown, reason: Reason) {
    const { Arn, DeadLetterConfig } = call.target;
    const queueArn = DeadLetterConfig?.Arn;
    this.steps.record(call, "dead-letter", { error: messageOf(error), queue: queueArn ?? null });
    if (queueArn === undefined)
      console.error(`${this.steps.describe(call)} gave up calling ${Arn}, and has no dead-letter queue: ${messageOf(error)}`);
    else await this.#sendDeadLetter(call, queueArn, error, reason);
  }

  async #sendDeadLetter(call: Call, queueArn: string, error: unknown, reason: Reason) {
    const { body, attributes } = this.steps.buildDeadLetter(call, error);
    const all = {
      ...attributes,
      TARGET_ARN: call.target.Arn,
      RETRY_ATTEMPTS: String(call.failures - 1),
      ...(reason === "refused" ? {} : { EXHAUSTED_RETRY_CONDITION: reason }),
    };
    const input = {
      QueueUrl: queueUrl(queueArn, this.cloud.place),
      MessageBody: body,
      MessageAttributes: Object.fromEntries(Object.entries(all).map(([name, StringValue]) => [name, { DataType: "String", StringValue }])),
    };
    try {
      await this.cloud.call("sqs", "SendMessage", input, this.steps.senderOf(call));
    } catch (cause) {
      console.error(`${this.steps.describe(call)} could not send to its dead-letter queue ${queueArn}: ${messageOf(cause)}`);
    }
  }

  #keyOf({ id }: Call): string {
    return this.steps.keyPrefix + id;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

export type { RetriedCall };
export { messageOf, RetriedCalls };
