import type { FunctionCaller } from "./caller";

/** An execution environment as the endpoint sees it: its identity, its current invocation, and how to end it. */
interface Environment {
  id: string;
  /** The caller of a call with this trace header. With an unknown or no header, the call belongs to no invocation. */
  caller(traceHeader: string | undefined): FunctionCaller;
  /** Counts this AWS call (`sqs:ReceiveMessage`) in its invocation, from 1, for the weather's kill at the n-th call; 0 if it does not count. */
  countCall(invocation: string | undefined, operation: string): number;
  /** Sends SIGKILL. Resolves when the process has exited. */
  kill(): Promise<void>;
}

/**
 * The environments by their session tokens.
 *
 * Each environment has its own token, created at each start. Tokens of an earlier start are refused.
 */
class Identities {
  readonly #environments = new Map<string, Environment>();

  register(sessionToken: string, environment: Environment) {
    this.#environments.set(sessionToken, environment);
  }

  forget(sessionToken: string) {
    this.#environments.delete(sessionToken);
  }

  find(sessionToken: string): Environment | undefined {
    return this.#environments.get(sessionToken);
  }
}

export type { Environment };
export { Identities };
