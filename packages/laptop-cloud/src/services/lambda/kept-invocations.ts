/** The event and the result of an invocation. */
interface KeptInvocation {
  requestId: string;
  /** From 1. */
  attempt: number;
  /** JSON. */
  event: string;
  /** JSON: the result or the error. Absent while it runs. */
  result?: string;
}

const MAX_KEPT = 50;
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/**
 * The events and results of each function's latest invocations. They are kept in memory only, because they may contain secrets, which must not
 * be in the cloud's state.
 */
class KeptInvocations {
  readonly #byFunction = new Map<string, KeptInvocation[]>();

  /** Keeps an invocation that begins. The caller adds its result. */
  begin(functionName: string, invocation: KeptInvocation): KeptInvocation {
    const kept = [...(this.#byFunction.get(functionName) ?? []), invocation].slice(-MAX_KEPT);
    while (kept.length > 1 && sizeOf(kept) > MAX_KEPT_BYTES) kept.shift();
    this.#byFunction.set(functionName, kept);
    return invocation;
  }

  find(functionName: string, requestId: string, attempt: number): KeptInvocation | undefined {
    return this.#byFunction.get(functionName)?.findLast(each => each.requestId === requestId && each.attempt === attempt);
  }
}

const sizeOf = (kept: KeptInvocation[]) => kept.reduce((bytes, { event, result = "" }) => bytes + event.length + result.length, 0);

export type { KeptInvocation };
export { KeptInvocations };
