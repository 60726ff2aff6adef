import type { FunctionCaller } from "./caller";

/** An execution environment, as the endpoint sees it: who it is, what it is at, and how to end it. */
interface Environment {
  id: string;
  /** The caller for a call that carries this trace header; absent or unknown header: outside any invocation. */
  caller(traceHeader: string | undefined): FunctionCaller;
  /** The number of this AWS call (`sqs:ReceiveMessage`) within its invocation, from 1, for whoever ends it at its n-th. 0: does not count. */
  countCall(invocation: string | undefined, operation: string): number;
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
}

/**
 * Session tokens and the environments behind them.
 *
 * Every environment has a token of its own, made anew at each start; a token of an earlier start is unknown and refused.
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
