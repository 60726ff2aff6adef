import type { Caller } from "./caller";
import type { Inventory } from "./inventory";

/** One AWS call that somebody made: `GET {page}/control/calls`. */
interface RecordedCall {
  id: string;
  atMs: number;
  /** Pulumi name of the function that called; null for people and services. */
  function: string | null;
  /** Request id of its invocation. */
  invocation: string | null;
  /** Who called, where it was no function: "administrator", a service's principal. */
  caller: string;
  trace: string | null;
  service: string;
  operation: string;
  /** The first action that was checked, "dynamodb:PutItem"; the operation's own where none was. */
  action: string;
  resource: string | null;
  allowed: boolean;
  /** Every action that was checked; a transaction needs the actions of its items. */
  checks: Check[];
  /** The code of the error that it was answered with. */
  error: string | null;
  ms: number;
}

interface Check {
  action: string;
  resource: string;
  allowed: boolean;
}

/** Enough for a long afternoon; older calls are forgotten. */
const MAX_KEPT_CALLS = 20_000;

/** The ledger of AWS calls. */
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

/** How a caller is named in the ledger and in error messages. */
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

/** A caller's name for people: the Pulumi name of the function, or of the resource on whose behalf a service calls. */
const shownNameOf = (inventory: Inventory, caller: Caller): string => {
  const sourceArn = caller.kind === "service" || caller.kind === "role" ? caller.sourceArn : undefined;
  return (sourceArn === undefined ? undefined : inventory.byArn(sourceArn)?.name) ?? nameOf(caller);
};

export type { Check, RecordedCall };
export { Calls, nameOf, shownNameOf };
