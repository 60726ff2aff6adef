import type { Failure } from "./protocol";

/** A thrown value in the format of Lambda's Node runtime. */
const toFailure = (thrown: unknown): Failure => {
  if (thrown instanceof Error || isErrorLike(thrown)) {
    return { errorType: thrown.name || "Error", errorMessage: thrown.message, trace: (thrown.stack ?? "").split("\n") };
  }
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
};

/** Errors from another realm (`vm`) are not instances of this realm's `Error`. */
const isErrorLike = (thrown: unknown): thrown is Error => Object.prototype.toString.call(thrown) === "[object Error]";

/** The same with the runtime's own error type, "Runtime.ImportModuleError". */
const toRuntimeFailure = (errorType: string, thrown: unknown): Failure => {
  const failure = toFailure(thrown);
  return {
    ...failure,
    errorType,
    errorMessage: thrown instanceof Error ? `${failure.errorType}: ${failure.errorMessage}` : failure.errorMessage,
  };
};

export { toFailure, toRuntimeFailure };
