import type { Cloud } from "../../kernel/service";
import type { DeployedFunction } from "./deployed-function";
import type { InvocationOutcome, InvocationRequest } from "./execution-environment";
import type { Fleet } from "./fleet";
import { KeptInvocations } from "./kept-invocations";
import { readReportedFailure } from "./reported-failure";

interface InvocationReason {
  /** The caller: its Pulumi name, or else its principal. */
  from: string;
  type: "RequestResponse" | "Event";
  /** From 1. */
  attempt: number;
  /** Whether the event source mapping reads `batchItemFailures` in the result. */
  reportsFailures?: boolean;
  /** Whether a person runs a past invocation again. */
  isRunAgain?: true;
}

/** Runs invocations and records them for the page. */
class Invoker {
  readonly kept = new KeptInvocations();
  /** The number of running invocations, by the function's Pulumi name. */
  readonly #running = new Map<string, number>();

  constructor(
    private readonly cloud: Pick<Cloud, "calls" | "clock" | "occurrences">,
    private readonly fleet: Fleet,
  ) {}

  get stopped() {
    return this.fleet.stopped;
  }

  /** Resolves when an event may be run: callers go first. */
  letCallersPass(): Promise<void> {
    return this.fleet.callers.letPass();
  }

  /** Resolves with the function's own failures. Throws `AwsError` TooManyRequestsException. */
  async run(deployed: DeployedFunction, request: InvocationRequest, reason: InvocationReason): Promise<InvocationOutcome> {
    const { from, type, attempt, reportsFailures = false, isRunAgain } = reason;
    const { name, label } = deployed.configuration;
    const { requestId, trace } = request;
    this.#record({ kind: "invoke", trace, from, to: label, detail: { requestId, type, attempt, ...(isRunAgain ? { isRunAgain } : {}) } });
    const kept = this.kept.begin(name, { requestId, attempt, event: request.payload });
    const concurrent = this.#count(label, 1);
    const outcome = await this.#invoke(deployed, request, type).finally(() => this.#count(label, -1));
    kept.result = outcome.payload;
    const { durationMs, cold } = outcome;
    const reported = outcome.failed
      ? undefined
      : readReportedFailure({
          payload: request.payload,
          result: outcome.payload,
          reportsFailures,
          countPostponed: () => this.#countPostponed(requestId),
        });
    const failure = outcome.failed ? { error: errorOf(outcome) } : reported === undefined ? {} : { reported };
    this.#record({
      kind: "invoked",
      trace,
      from: label,
      detail: { requestId, type, ms: Math.round(durationMs * 100) / 100, cold, concurrent, ...failure },
    });
    return outcome;
  }

  #countPostponed(requestId: string): number {
    return this.cloud.calls
      .all()
      .filter(({ invocation, action, error }) => invocation === requestId && action === "sqs:ChangeMessageVisibility" && error === null)
      .length;
  }

  #count(label: string, change: 1 | -1): number {
    const running = (this.#running.get(label) ?? 0) + change;
    this.#running.set(label, running);
    return running;
  }

  async #invoke(deployed: DeployedFunction, request: InvocationRequest, type: InvocationReason["type"]): Promise<InvocationOutcome> {
    try {
      return await this.fleet.invoke(deployed, request, type === "RequestResponse");
    } catch (error) {
      const { requestId, trace } = request;
      this.#record({ kind: "throttle", trace, from: deployed.configuration.label, detail: { requestId } });
      throw error;
    }
  }

  #record(occurrence: { kind: string; trace: string; from: string; to?: string; detail: Record<string, unknown> }) {
    this.cloud.occurrences.record({ atMs: this.cloud.clock.nowMs(), ...occurrence });
  }
}

const errorOf = ({ payload }: InvocationOutcome): string => {
  const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
  return `${errorType}: ${errorMessage}`;
};

export { errorOf, Invoker };
