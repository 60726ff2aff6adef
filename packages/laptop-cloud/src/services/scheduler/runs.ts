import { randomBytes } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { Caller } from "../../kernel/caller";
import { messageOf, type RetriedCall, RetriedCalls } from "../../kernel/retried-calls";
import type { Cloud } from "../../kernel/service";
import type { State, StateChange } from "../../kernel/state";
import { createTraceRoot } from "../../kernel/trace";
import { buildTargetCall, type Target, toSeconds } from "./target";

/** One firing of a schedule. */
interface Run extends RetriedCall {
  scheduleArn: string;
  /** The schedule's name for display. */
  scheduleName: string;
  groupArn: string;
  target: Target;
  scheduledMs: number;
  trace: string;
}

/** Calls targets with retries, and sends failed runs to the dead-letter queue. A run is stored before its first attempt. */
class Runs {
  readonly #calls: RetriedCalls<Run>;

  constructor(
    private readonly cloud: Cloud,
    state: State,
  ) {
    this.#calls = new RetriedCalls(cloud, state, {
      keyPrefix: "run/",
      attempt: run => this.#attempt(run),
      record: (run, kind, detail) => this.#record(run, kind, detail),
      describe: ({ scheduleName }) => `The schedule ${scheduleName}`,
      buildDeadLetter,
      senderOf: callerOf,
    });
  }

  /** Repeats the unfinished runs of an earlier start. */
  resume() {
    return this.#calls.resume();
  }

  stop() {
    return this.#calls.stop();
  }

  create(run: Pick<Run, "scheduleArn" | "scheduleName" | "groupArn" | "target" | "scheduledMs"> & { trace?: string }): Run {
    const nowMs = this.cloud.clock.nowMs();
    const trace = run.trace ?? createTraceRoot(nowMs);
    return { ...run, id: randomBytes(8).toString("hex"), createdMs: nowMs, dueMs: nowMs, failures: 0, trace };
  }

  /** The change that stores a run. Call `begin` when it is written. */
  toChange(run: Run): StateChange {
    return this.#calls.toChange(run);
  }

  begin(run: Run) {
    this.#calls.begin(run);
  }

  async #attempt(run: Run) {
    const attempt = { scheduleArn: run.scheduleArn, scheduledMs: run.scheduledMs, executionId: run.id, number: run.failures + 1 };
    const { service, operation, input } = buildTargetCall(run.target, attempt, this.cloud.place);
    this.#record(run, "timer", { attempt: attempt.number });
    await this.cloud.call(service, operation, input, callerOf(run));
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

const callerOf = ({ target, groupArn, trace }: Run): Caller => ({
  kind: "role",
  roleArn: target.RoleArn,
  principal: "scheduler.amazonaws.com",
  sourceArn: groupArn,
  trace,
});

const buildDeadLetter = (run: Run, error: unknown) => ({
  body: run.target.Input ?? "{}",
  attributes: {
    ERROR_CODE: error instanceof AwsError ? error.code : "InternalFailure",
    ERROR_MESSAGE: messageOf(error),
    EXECUTION_ID: run.id,
    IS_PAYLOAD_TRUNCATED: "false",
    SCHEDULED_TIME: toSeconds(run.scheduledMs),
    SCHEDULE_ARN: run.scheduleArn,
  },
});

export { Runs };
