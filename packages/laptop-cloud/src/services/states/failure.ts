/**
 * The failure of a state: the error name, which retriers and catchers match, and the cause ("Handling errors in Step Functions workflows").
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

/** An error in the definition or the data. It can't be retried or caught. */
const runtimeFailure = (cause: string) => new Failure("States.Runtime", cause);

/** Ends the work of an execution that was stopped, failed elsewhere, or continues after a restart. It is not recorded. */
class Abandoned extends Error {
  override name = "Abandoned";
}

export { Abandoned, Failure, runtimeFailure };
