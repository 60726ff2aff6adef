import type { Caller } from "./caller";
import type { Inventory } from "./inventory";

/** An AWS call, as `GET {page}/control/calls` returns it. */
interface RecordedCall {
  id: string;
  atMs: number;
  /** Pulumi name of the calling function; null for people and services. */
  function: string | null;
  /** Request id of its invocation. */
  invocation: string | null;
  /** The caller if it was not a function: "administrator", or a service's principal. */
  caller: string;
  trace: string | null;
  service: string;
  operation: string;
  /** The first authorized action, "dynamodb:PutItem", or else the operation's own. */
  action: string;
  resource: string | null;
  allowed: boolean;
  /** All authorized actions; a transaction needs the actions of its items. */
  checks: Check[];
  /** The error code of the answer. */
  error: string | null;
  ms: number;
  /** What a call of DynamoDB consumed, by the ARN of the table or global index. */
  units?: ConsumedUnits[];
  /** The table or global index that refused a call of DynamoDB because one of its partition keys had reached its limit. */
  throttledBy?: { resource: string; key: string };
  /** Whether it was passed on to the fallback endpoint. */
  fallback?: true;
}

interface Check {
  action: string;
  resource: string;
  allowed: boolean;
}

/** In AWS's units: a write unit for each KB, a read unit for each 4 KB. */
interface ConsumedUnits {
  resource: string;
  read: number;
  write: number;
  /** How many of them each partition key took. */
  keys: { key: string; units: number }[];
}

/** What a service adds to the record of a call. */
type CallFacts = Pick<RecordedCall, "units" | "throttledBy">;

/** Enough for twelve hours in which an agent works; older calls are dropped. */
const MAX_KEPT_CALLS = 40_000;

/** All recorded AWS calls. */
class Calls {
  #calls: RecordedCall[] = [];
  readonly #listeners = new Set<(call: RecordedCall) => void>();

  all(): readonly RecordedCall[] {
    return this.#calls;
  }

  record(call: RecordedCall) {
    this.#calls.push(call);
    if (this.#calls.length > MAX_KEPT_CALLS * 1.1) this.#calls = this.#calls.slice(-MAX_KEPT_CALLS);
    for (const listener of this.#listeners) listener(call);
  }

  onRecord(listener: (call: RecordedCall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A caller's name in records and error messages. */
const nameOf = (caller: Caller): string => {
  switch (caller.kind) {
    case "administrator":
      return "administrator";
    case "function":
      return caller.function;
    case "role":
    case "service":
      return caller.principal;
  }
};

/** The caller as a call's record shows it. */
const recordedCaller = (caller: Caller): Pick<RecordedCall, "function" | "invocation" | "caller" | "trace"> => ({
  function: caller.kind === "function" ? caller.function : null,
  invocation: caller.kind === "function" ? (caller.invocation ?? null) : null,
  caller: nameOf(caller),
  trace: caller.trace ?? null,
});

/** A caller's name for display: the Pulumi name of the function, or of the resource on whose behalf a service calls. */
const shownNameOf = (inventory: Inventory, caller: Caller): string => {
  const sourceArn = caller.kind === "service" || caller.kind === "role" ? caller.sourceArn : undefined;
  return (sourceArn === undefined ? undefined : inventory.byArn(sourceArn)?.name) ?? nameOf(caller);
};

export type { CallFacts, Check, ConsumedUnits, RecordedCall };
export { Calls, nameOf, recordedCaller, shownNameOf };
