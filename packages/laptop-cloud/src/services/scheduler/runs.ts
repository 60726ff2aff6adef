import { randomBytes } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { Timer } from "../../kernel/clock";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { isThrottling, queueUrl } from "../../kernel/target-call";
import { createTraceRoot } from "../../kernel/trace";
import { buildTargetCall, type Target, toSeconds } from "./target";

/** One firing of a schedule, until its target was called or the call was given up. */
interface Run {
  id: string;
  scheduleArn: string;
  /** The schedule's name for display. */
  scheduleName: string;
  groupArn: string;
  target: Target;
  scheduledMs: number;
  createdMs: number;
  /** When the next attempt is due. */
  dueMs: number;
  /** Attempts that failed so far. */
  failures: number;
  trace: string;
}

/** AWS documents only "exponential backoff". With this maximum, 185 retries take about the allowed 24 hours. */
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 480_000;

const keyPrefix = "run/";

/** Calls targets with retries, and sends failed runs to the dead-letter queue. A run is stored before its first attempt. */
class Runs {
  readonly #timers = new Map<string, Timer>();
  readonly #underWay = new Set<Promise<void>>();
  #stopped = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
  ) {}

  /** Repeats the unfinished runs of an earlier start. */
  async resume() {
    for (const [, run] of await this.state.entries<Run>(keyPrefix)) this.#arm(run);
  }

  async stop() {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.allSettled(this.#underWay);
  }

  create(run: Pick<Run, "scheduleArn" | "scheduleName" | "groupArn" | "target" | "scheduledMs"> & { trace?: string }): Run {
    const nowMs = this.cloud.clock.nowMs();
    const trace = run.trace ?? createTraceRoot(nowMs);
    return { ...run, id: randomBytes(8).toString("hex"), createdMs: nowMs, dueMs: nowMs, failures: 0, trace };
  }

  /** The change that stores a run. Call `begin` when it is written. */
  toChange(run: Run) {
    return { put: keyPrefix + run.id, value: run };
  }

  begin(run: Run) {
    this.#arm(run);
  }

  #arm(run: Run) {
    if (this.#stopped) return;
    const timer = this.cloud.clock.stopAt(run.dueMs, () => {
      this.#timers.delete(run.id);
      const work = this.#attempt(run)
        .catch(error => console.error(error))
        .finally(() => this.#underWay.delete(work));
      this.#underWay.add(this.cloud.clock.hold(work));
    });
    this.#timers.set(run.id, timer);
  }

  async #attempt(run: Run) {
    const attempt = { scheduleArn: run.scheduleArn, scheduledMs: run.scheduledMs, executionId: run.id, number: run.failures + 1 };
    try {
      const { service, operation, input } = buildTargetCall(run.target, attempt, this.cloud.place);
      this.#record(run, "timer", { attempt: attempt.number });
      await this.cloud.call(service, operation, input, this.#callerOf(run));
    } catch (error) {
      // The cloud's stop aborted the call. The run stays stored, and the next start repeats it.
      if (!this.#stopped) await this.#fail(run, error);
      return;
    }
    await this.state.delete(keyPrefix + run.id);
  }

  async #fail(run: Run, error: unknown) {
    const failed = { ...run, failures: run.failures + 1 };
    const condition = this.#givenUp(failed, error);
    if (condition === undefined) {
      const pauseMs = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** run.failures);
      const next = { ...failed, dueMs: this.cloud.clock.nowMs() + pauseMs };
      this.#record(run, "retry", { attempt: failed.failures, error: messageOf(error), inMs: pauseMs });
      await this.state.put(keyPrefix + run.id, next);
      this.#arm(next);
      return;
    }
    await this.#sendToDeadLetterQueue(failed, error, condition);
    await this.state.delete(keyPrefix + run.id);
  }

  /** Why a failed run is not retried; undefined if it is. Client errors are never retried. */
  #givenUp(
    { failures, createdMs, target }: Run,
    error: unknown,
  ): "refused" | "MaximumRetryAttempts" | "MaximumEventAgeInSeconds" | undefined {
    if (error instanceof AwsError && error.status < 500 && !isThrottling(error.code)) return "refused";
    if (failures > target.RetryPolicy.MaximumRetryAttempts) return "MaximumRetryAttempts";
    const ageMs = this.cloud.clock.nowMs() - createdMs;
    return ageMs >= target.RetryPolicy.MaximumEventAgeInSeconds * 1000 ? "MaximumEventAgeInSeconds" : undefined;
  }

  async #sendToDeadLetterQueue(run: Run, error: unknown, condition: string) {
    const queueArn = run.target.DeadLetterConfig?.Arn;
    this.#record(run, "dead-letter", { error: messageOf(error), queue: queueArn ?? null });
    if (queueArn === undefined) {
      console.error(
        `The schedule ${run.scheduleName} gave up calling ${run.target.Arn}, and has no dead-letter queue: ${messageOf(error)}`,
      );
      return;
    }
    const attributes: Record<string, string> = {
      ERROR_CODE: error instanceof AwsError ? error.code : "InternalFailure",
      ERROR_MESSAGE: messageOf(error),
      EXECUTION_ID: run.id,
      ...(condition === "refused" ? {} : { EXHAUSTED_RETRY_CONDITION: condition }),
      IS_PAYLOAD_TRUNCATED: "false",
      RETRY_ATTEMPTS: String(run.failures - 1),
      SCHEDULED_TIME: toSeconds(run.scheduledMs),
      SCHEDULE_ARN: run.scheduleArn,
      TARGET_ARN: run.target.Arn,
    };
    const input = {
      QueueUrl: queueUrl(queueArn, this.cloud.place),
      MessageBody: run.target.Input ?? "{}",
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
      ),
    };
    try {
      await this.cloud.call("sqs", "SendMessage", input, this.#callerOf(run));
    } catch (cause) {
      console.error(`The schedule ${run.scheduleName} could not send to its dead-letter queue ${queueArn}: ${messageOf(cause)}`);
    }
  }

  #callerOf(run: Run) {
    return {
      kind: "role",
      roleArn: run.target.RoleArn,
      principal: "scheduler.amazonaws.com",
      sourceArn: run.groupArn,
      trace: run.trace,
    } as const;
  }

  #record(run: Run, kind: string, detail: Record<string, unknown>) {
    this.cloud.occurrences.record({
      atMs: this.cloud.clock.nowMs(),
      kind,
      trace: run.trace,
      from: run.scheduleName,
      to: this.cloud.inventory.byArn(run.target.Arn)?.name ?? run.target.Arn,
      detail: { executionId: run.id, scheduledTime: toSeconds(run.scheduledMs), ...detail },
    });
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

export { Runs };
