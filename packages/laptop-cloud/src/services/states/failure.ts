/**
 * How a state fails: the error's name, which retriers and catchers go by, and its cause ("Handling errors in Step Functions workflows").
 */
class Failure extends Error {
  override name = "Failure";

  constructor(
    readonly error: string,
    override readonly cause: string = "",
  ) {
    super(`${error}: ${cause}`);
  }
}

/** An error of the definition or the data. Nothing retries or catches it. */
const runtimeFailure = (cause: string) => new Failure("States.Runtime", cause);

/** The work of an execution that was stopped, failed elsewhere, or goes on after a restart: it ends without a trace. */
class Abandoned extends Error {
  override name = "Abandoned";
}

export { Abandoned, Failure, runtimeFailure };
