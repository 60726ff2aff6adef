/** Slack's slash commands in; a message for the one who asked out. */
import { Deadline } from "#core/deadline";
import { type Form, parseForm } from "#core/form";
import { parseTop } from "#core/leaderboard";
import { createLog } from "#core/log";
import { escapeMrkdwn } from "#core/mrkdwn";
import { buildQuote } from "#core/quote";
import { verifySignature } from "#core/slack-signature";
import { parseSecrets } from "#core/verification-token";
import { type ArchiveSearch, type ArchiveSearchSettings, createArchiveSearch } from "#functions/archive-search";
import {
  ACK_BUDGET_MS,
  buildEmpty,
  buildJson,
  guard,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  readBody,
  readHeader,
} from "#functions/door";
import { createTop, type Top, type TopSettings } from "#functions/top";
import { isOurs, type WorkspaceSettings } from "#functions/workspace";

interface CommandsSettings extends TopSettings, ArchiveSearchSettings, WorkspaceSettings {}

class Commands {
  constructor(
    private readonly top: Pick<Top, "answer">,
    private readonly archive: Pick<ArchiveSearch, "answer">,
    private readonly settings: WorkspaceSettings,
    private readonly signingSecrets: readonly string[],
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Throws `BadRequest`, `TooLarge`, `Unauthorized`, `UnsupportedMediaType`. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const deadline = new Deadline(ACK_BUDGET_MS);
    const rawBody = readBody(request, "application/x-www-form-urlencoded");
    this.verify(request, rawBody);
    const form = parseForm(rawBody);
    if (form.get("ssl_check") === "1") return buildEmpty();
    return buildJson({ response_type: "ephemeral", text: await this.answer(form, deadline) });
  }

  /** Throws `Unauthorized`. */
  verify(request: HttpRequest, rawBody: Buffer): void {
    const timestamp = readHeader(request, "x-slack-request-timestamp");
    const signature = readHeader(request, "x-slack-signature");
    verifySignature({ timestamp, signature, rawBody }, this.signingSecrets, this.nowMs());
  }

  /** Answers one command, or says what there is. */
  async answer(form: Form, deadline: Deadline): Promise<string> {
    if (!isOurs(this.settings, form.get("team_id"), form.get("api_app_id"))) return "This command serves another workspace.";
    const [command, text] = [form.get("command") ?? "", form.get("text") ?? ""];
    switch (command) {
      case "/words":
        return this.top.answer(parseTop(text), deadline);
      case "/archive":
        return this.archive.answer(text, { team: form.get("team_id") ?? "", channel: form.get("channel_id") ?? "" }, deadline);
      default:
        return `I don't know the command ${escapeMrkdwn(buildQuote(command))}. Try \`/words\`, \`/words 20 today\` or \`/archive #receipt\`.`;
    }
  }
}

/** Creates the door; its secret is `SIGNING_SECRET`. */
const createCommands = (settings: CommandsSettings): Handler => {
  const commands = new Commands(createTop(settings), createArchiveSearch(settings), settings, parseSecrets(process.env["SIGNING_SECRET"]));
  return guard(createLog("commands"), request => commands.handle(request));
};

export type { CommandsSettings };
export { Commands, createCommands };
