import { randomUUID } from "node:crypto";
import { AwsError } from "./aws-error";
import type { Caller } from "./caller";
import { type Calls, type Check, nameOf } from "./calls";
import type { Clock } from "./clock";
import type { AuthorizeMore, Call, Service } from "./service";

/** Decides whether a caller may do one action on one resource. `services/iam` makes one from the inventory's roles and policies. */
interface Authorizer {
  decide(caller: Caller, action: string, resourceArn: string, more: AuthorizeMore): Decision;
}

/** `reason` is a sentence that names action, resource, role and the statement that is missing or that denies. */
type Decision = { allowed: true } | { allowed: false; reason: string };

/** Error code and status of denials, for services that differ from the usual ones. */
const denials: Record<string, { code: string; status: number }> = {
  sns: { code: "AuthorizationError", status: 403 },
  sts: { code: "AccessDenied", status: 403 },
  s3: { code: "AccessDenied", status: 403 },
  iam: { code: "AccessDenied", status: 403 },
  lambda: { code: "AccessDeniedException", status: 403 },
  scheduler: { code: "AccessDeniedException", status: 403 },
};
const usualDenial = { code: "AccessDeniedException", status: 400 };

/** Runs operations: finds the service, gives it its `Call`, checks permissions, and keeps the ledger. */
class Dispatcher {
  readonly #services = new Map<string, Service>();
  readonly #stopping = new AbortController();

  constructor(
    private readonly authorizer: Authorizer,
    private readonly calls: Calls,
    private readonly clock: Clock,
  ) {}

  add(name: string, service: Service) {
    this.#services.set(name, service);
  }

  /** Throws `AwsError`: the operation's own, an access denial, or an error for an unknown service or operation. */
  async dispatch(serviceName: string, operation: string, input: object, caller: Caller, signal?: AbortSignal): Promise<object> {
    const checks: Check[] = [];
    const id = randomUUID();
    const startedMs = performance.now();
    let error: string | null = null;
    try {
      const run = this.#find(serviceName, operation);
      const call: Call = {
        id,
        service: serviceName,
        operation,
        caller,
        signal: signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]),
        authorize: (action, resourceArn, more = {}) => this.#authorize(call, checks, action, resourceArn, more),
      };
      return await run(input, call);
    } catch (cause) {
      error = cause instanceof AwsError ? cause.code : "InternalFailure";
      throw cause;
    } finally {
      const isLooking = caller.kind === "administrator" && caller.looking === true;
      if (!isLooking)
        this.calls.record({
          id,
          atMs: this.clock.nowMs(),
          function: caller.kind === "function" ? caller.function : null,
          invocation: caller.kind === "function" ? (caller.invocation ?? null) : null,
          caller: nameOf(caller),
          trace: caller.trace ?? null,
          service: serviceName,
          operation,
          action: checks[0]?.action ?? `${serviceName}:${operation}`,
          resource: checks[0]?.resource ?? null,
          allowed: checks.every(check => check.allowed),
          checks,
          error,
          ms: Math.round((performance.now() - startedMs) * 1000) / 1000,
        });
    }
  }

  /** Aborts all calls in progress. */
  stop() {
    this.#stopping.abort();
  }

  #find(serviceName: string, operation: string) {
    const service = this.#services.get(serviceName);
    if (service === undefined) {
      throw new AwsError("UnknownService", `The service ${serviceName} is not started: the program declares no resource of it.`, 404);
    }
    const run = Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined;
    if (run === undefined) {
      throw new AwsError(
        "UnknownOperationException",
        `The laptop cloud does not imitate ${serviceName}:${operation}. It knows ${Object.keys(service.operations).sort().join(", ")}.`,
        501,
      );
    }
    return run;
  }

  #authorize(call: Call, checks: Check[], action: string, resource: string, more: AuthorizeMore) {
    const decision =
      call.caller.kind === "administrator" ? ({ allowed: true } as const) : this.authorizer.decide(call.caller, action, resource, more);
    checks.push({ action, resource, allowed: decision.allowed });
    if (decision.allowed) return;
    const { code, status } = denials[call.service] ?? usualDenial;
    throw new AwsError(code, decision.reason, status);
  }
}

export type { Authorizer, Decision };
export { Dispatcher };
