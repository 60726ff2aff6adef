import type { Failure } from "./protocol";

/** What was thrown, in the shape that Lambda's Node runtime gives it. */
const toFailure = (thrown: unknown): Failure => {
  if (thrown instanceof Error || isErrorLike(thrown)) {
    return { errorType: thrown.name || "Error", errorMessage: thrown.message, trace: (thrown.stack ?? "").split("\n") };
  }
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
};

/** Errors of another realm (`vm`) are no instances of ours. */
const isErrorLike = (thrown: unknown): thrown is Error => Object.prototype.toString.call(thrown) === "[object Error]";

/** The same with the runtime's own name for what went wrong, "Runtime.ImportModuleError". */
const toRuntimeFailure = (errorType: string, thrown: unknown): Failure => {
  const failure = toFailure(thrown);
  return {
    ...failure,
    errorType,
    errorMessage: thrown instanceof Error ? `${failure.errorType}: ${failure.errorMessage}` : failure.errorMessage,
  };
};

export { toFailure, toRuntimeFailure };
