/**
 * An error as an AWS service answers it: the endpoint puts it on the wire in the service's own protocol.
 *
 * `code` is the service's name for the error ("ResourceNotFoundException"), `status` the HTTP status, `fields` what the error carries
 * beside its message (`CancellationReasons`, `Item`), `headers` what a REST service says in the header (`x-amz-delete-marker`).
 */
class AwsError extends Error {
  override name = "AwsError";

  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly fields: Record<string, unknown> = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** A request for what the laptop cloud does not imitate: named, never ignored. */
const notImitated = (what: string) => new AwsError("NotImplemented", `The laptop cloud does not imitate ${what}.`, 501);

export { AwsError, notImitated };
