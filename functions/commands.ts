/** The door for slash commands. Answers with a message for the user or the channel. */
import { Deadline } from "#core/deadline";
import { BadRequest } from "#core/errors";
import { OFF } from "#core/feature-off";
import { type Form, parseForm } from "#core/http/form";
import { createLog } from "#core/log";
import { buildQuote } from "#core/quote";
import type { Origin } from "#core/slack/installation";
import { escapeMrkdwn } from "#core/slack/mrkdwn";
import { isResponseUrl } from "#core/slack/response-url";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import { parseSecrets } from "#core/slack/verification-token";
import { ArchiveCommand } from "#functions/commands/archive";
import { type AskSettings, createAskCommand } from "#functions/commands/ask";
import { createDibsCommand, type DibsCommandSettings } from "#functions/commands/dibs";
import type { SlashCommand } from "#functions/commands/slash-command";
import { createWordsCommand, type WordsSettings } from "#functions/commands/words";
import { type ArchiveSearchSettings, createArchiveSearch } from "#functions/documents/archive-search";
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
  verifySigned,
} from "#functions/door";
import { createInstalledWorkspaces, type InstalledSettings, type InstalledWorkspaces } from "#functions/installed-workspaces";
import { OffCommand } from "#functions/off";
import { type ExternalUsersSettings, isExternalCommand, isOurs, type WorkspaceSettings } from "#functions/workspace";
import type { TokensSettings } from "#stores/slack/tokens";

interface CommandsSettings extends WordsSettings, WorkspaceSettings, ExternalUsersSettings {
  /** The settings of `/archive`; undefined if the file archive is off. */
  documents?: ArchiveSearchSettings | undefined;
  /** The settings of `/dibs`; undefined if turn queues are off. */
  dibs?: DibsCommandSettings | undefined;
  /** The settings of `/ask`, which exists only with an agent. */
  agent?: AskSettings | undefined;
  /** Both are undefined where the stack serves one workspace. */
  installed?: InstalledSettings | undefined;
  tokens?: TokensSettings | undefined;
}

interface CommandsParts {
  /** By name, `/words`. */
  commands: Readonly<Record<string, SlashCommand>>;
  settings: WorkspaceSettings & ExternalUsersSettings;
  signingSecrets: readonly string[];
  slackUrl: string | undefined;
  /** Undefined where the stack serves one workspace. */
  installed?: Pick<InstalledWorkspaces, "find" | "sentence"> | undefined;
  nowMs?: () => number;
}

class Commands {
  readonly #parts: CommandsParts & Required<Pick<CommandsParts, "nowMs">>;

  constructor(parts: CommandsParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Throws `BadRequest`, `TooLarge`, `Unauthorized`, `UnsupportedMediaType`. */
  async handle(request: HttpRequest, deadline = new Deadline(ACK_BUDGET_MS)): Promise<HttpResponse> {
    const rawBody = readBody(request, "application/x-www-form-urlencoded");
    this.verify(request, rawBody);
    const form = parseForm(rawBody);
    if (form.get("ssl_check") === "1") return buildEmpty();
    if (!form.has("command")) throw new BadRequest("The form names no command.");
    const sentAtMs = Number(readHeader(request, "x-slack-request-timestamp")) * 1000;
    return buildJson(await this.answer(form, deadline, sentAtMs));
  }

  /** Throws `Unauthorized`. */
  verify(request: HttpRequest, rawBody: Buffer): void {
    verifySigned(request, rawBody, this.#parts.signingSecrets, this.#parts.nowMs());
  }

  /** Answers one command, or lists the known commands. */
  async answer(form: Form, deadline: Deadline, sentAtMs: number): Promise<SlashAnswer> {
    if (!isOurs(this.#parts.settings, form.get("team_id"), form.get("api_app_id")))
      return tell("This command belongs to another workspace.");
    if (this.#parts.settings.externalUsers !== "allow" && isExternalCommand(form))
      return tell(
        "Only people of this workspace can use this command. The operator of the app can allow others with the setting `externalUsers`.",
      );
    const responseUrl = form.get("response_url");
    if (responseUrl !== undefined && !isResponseUrl(responseUrl, this.#parts.slackUrl))
      return tell(`This request did not come from Slack: its response_url is ${escapeMrkdwn(buildQuote(responseUrl))}.`);
    const { installed } = this.#parts;
    const found = await installed?.find(readOrigin(form), deadline);
    if (installed !== undefined && found === undefined) return tell(installed.sentence);
    const name = form.get("command") ?? "";
    const command = Object.hasOwn(this.#parts.commands, name) ? this.#parts.commands[name] : undefined;
    if (command !== undefined) return command.answer(form, deadline, sentAtMs, found?.chosen.settings);
    const known = Object.keys(this.#parts.commands).map(each => `\`${each}\``);
    return tell(`I don't know the command ${escapeMrkdwn(buildQuote(name))}. Known commands: ${known.join(", ")}.`);
  }
}

const readOrigin = (form: Form): Origin => ({
  team: form.get("team_id"),
  enterprise: form.get("enterprise_id"),
  isEnterpriseInstall: form.get("is_enterprise_install"),
});

/** Creates the door; its secret is `SIGNING_SECRET`. */
const create = (settings: CommandsSettings): Handler => {
  const log = createLog("commands");
  const secrets = parseSecrets(process.env["SIGNING_SECRET"]);
  const commands = new Commands({
    commands: {
      "/words": createWordsCommand(settings),
      "/archive": settings.documents ? new ArchiveCommand(createArchiveSearch(settings.documents)) : new OffCommand(OFF.documents),
      "/dibs": settings.dibs ? createDibsCommand(settings.dibs, secrets, log, settings.tokens) : new OffCommand(OFF.dibs),
      ...(settings.agent === undefined ? {} : { "/ask": createAskCommand(settings.agent, log) }),
    },
    settings,
    signingSecrets: secrets,
    slackUrl: process.env["SLACK_URL"],
    installed: createInstalledWorkspaces(settings.installed, log),
  });
  return guard(log, (request, deadline) => commands.handle(request, deadline));
};

export type { CommandsSettings };
export { Commands, create };
