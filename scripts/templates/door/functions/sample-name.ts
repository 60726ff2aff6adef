/** A slash command that repeats its text to the user. */
import { type Form, parseForm } from "#core/http/form";
import { createLog } from "#core/log";
import { tell } from "#core/slack/slash-answer";
import { parseSecrets } from "#core/slack/verification-token";
import { buildJson, guard, type Handler, type HttpRequest, type HttpResponse, readBody, verifySigned } from "#functions/door";

class SampleName {
  constructor(
    private readonly secrets: readonly string[],
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Throws `TooLarge`, `UnsupportedMediaType`, `Unauthorized`, `BadRequest`. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const rawBody = readBody(request, "application/x-www-form-urlencoded");
    verifySigned(request, rawBody, this.secrets, this.nowMs());
    return buildJson(tell(await this.answer(parseForm(rawBody))));
  }

  /** Returns mrkdwn. Slack waits three seconds for it. Slack has escaped what the user wrote. */
  async answer(form: Form): Promise<string> {
    return `You said: ${form.get("text") ?? ""}`;
  }
}

/** Creates the door. */
const create = (): Handler => {
  const door = new SampleName(parseSecrets(process.env["SIGNING_SECRET"]));
  return guard(createLog("sample-name"), request => door.handle(request));
};

export { create, SampleName };
