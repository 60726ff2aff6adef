/** An error of Slack's Web API: status 200, `{"ok": false, "error": CODE}`. */
class SlackError extends Error {
  override name = "SlackError";

  constructor(
    readonly code: string,
    readonly fields: Record<string, unknown> = {},
    readonly status = 200,
    readonly headers: Record<string, string> = {},
  ) {
    super(code);
  }
}

/** `invalid_arguments`, with a reason and where the mistake is, as a JSON pointer. */
const invalidArguments = (reason: string, pointer?: string) => {
  const message = `[ERROR] ${reason}${pointer === undefined ? "" : ` [json-pointer:${pointer}]`}`;
  return new SlackError("invalid_arguments", { response_metadata: { messages: [message] } });
};

export { invalidArguments, SlackError };
