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

export { SlackError };
