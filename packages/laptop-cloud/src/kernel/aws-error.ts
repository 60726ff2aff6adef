/**
 * An error of an AWS service. The endpoint writes it in the service's own protocol.
 *
 * `code` is the service's name for the error ("ResourceNotFoundException"), and `status` the HTTP status. `fields` are further members of
 * the error (`CancellationReasons`, `Item`), and `headers` the headers that a REST service sends with it (`x-amz-delete-marker`).
 */
class AwsError extends Error {
  override name = "AwsError";
  headers: Record<string, string> = {};

  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly fields: Record<string, unknown> = {},
  ) {
    super(message);
  }

  /** Adds headers to the answer. */
  withHeaders(headers: Record<string, string>): this {
    this.headers = headers;
    return this;
  }
}

/** A request for a feature that the laptop cloud does not imitate. It is refused by name, never ignored. */
const notImitated = (what: string) => new AwsError("NotImplemented", `The laptop cloud does not imitate ${what}.`, 501);

export { AwsError, notImitated };
