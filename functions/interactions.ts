/** The door for buttons. Applies each press and answers at its `response_url`. */

import { Deadline } from "#core/deadline";
import { isButtonAction } from "#core/dibs/buttons";
import { BadRequest } from "#core/errors";
import { OFF } from "#core/feature-off";
import { parseForm } from "#core/form";
import { buildHash } from "#core/ids";
import { isJsonObject, type JsonObject, parseJsonObject } from "#core/json";
import { createLog, type Log } from "#core/log";
import { isSlackId } from "#core/message/message";
import { buildQuote } from "#core/quote";
import type { Origin } from "#core/slack/installation";
import { isResponseUrl } from "#core/slack/response-url";
import { parseSecrets } from "#core/slack/verification-token";
import {
  ACK_BUDGET_MS,
  buildEmpty,
  guard,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  readBody,
  verifySigned,
} from "#functions/door";
import { createInstalledWorkspaces, type InstalledSettings, type InstalledWorkspaces } from "#functions/installed-workspaces";
import { type AgentButtonsSettings, createAgentButtons } from "#functions/interactions/agent-buttons";
import type { Buttons, Effect, Press, Reply } from "#functions/interactions/buttons";
import { createDibsButtons, type DibsButtonsSettings } from "#functions/interactions/dibs-buttons";
import { OffButtons } from "#functions/off";
import { type ExternalUsersSettings, isExternalPress, isOurs, type WorkspaceSettings } from "#functions/workspace";
import { answerAt } from "#stores/slack/response-url";

interface InteractionsSettings extends WorkspaceSettings, ExternalUsersSettings {
  /** The settings of the buttons of turn queues; undefined if turn queues are off. */
  dibs?: DibsButtonsSettings | undefined;
  /** The settings of the agent's buttons, which exist only with an agent. */
  agent?: AgentButtonsSettings | undefined;
  /** Undefined where the stack serves one workspace. */
  installed?: InstalledSettings | undefined;
}

/** A press, its effect, and where its answer goes. */
interface Pressed {
  press: Press;
  effect: Effect;
  responseUrl: string;
}

interface InteractionsParts {
  kinds: readonly Buttons[];
  settings: WorkspaceSettings & ExternalUsersSettings;
  signingSecrets: readonly string[];
  slackUrl: string | undefined;
  log: Log;
  /** Undefined where the stack serves one workspace. */
  installed?: Pick<InstalledWorkspaces, "find"> | undefined;
  nowMs?: () => number;
  respond?: typeof answerAt;
}

class Interactions {
  readonly #parts: InteractionsParts & Required<Pick<InteractionsParts, "nowMs" | "respond">>;

  constructor(parts: InteractionsParts) {
    this.#parts = { nowMs: Date.now, respond: answerAt, ...parts };
  }

  /** Throws `BadRequest`, `NotDurable`, `TooLarge`, `Unauthorized`, `UnsupportedMediaType`. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const deadline = new Deadline(ACK_BUDGET_MS);
    const rawBody = readBody(request, "application/x-www-form-urlencoded");
    this.verify(request, rawBody);
    const form = parseForm(rawBody);
    if (form.get("ssl_check") === "1") return buildEmpty();
    const payload = parseJsonObject(Buffer.from(form.get("payload") ?? ""));
    const pressed = this.parse(payload);
    if (pressed === undefined) return buildEmpty();
    const { installed } = this.#parts;
    const found = await installed?.find(readOrigin(payload), deadline);
    if (installed !== undefined && found === undefined) return buildEmpty();
    const press = { ...pressed.press, chosen: found?.chosen.settings };
    await this.answer(pressed, await pressed.effect(press, deadline), deadline);
    return buildEmpty();
  }

  /** Throws `Unauthorized`. */
  verify(request: HttpRequest, rawBody: Buffer): void {
    verifySigned(request, rawBody, this.#parts.signingSecrets, this.#parts.nowMs());
  }

  /** Undefined for another workspace, or if the payload is not a press of our buttons. Throws `BadRequest`, also for a foreign `response_url`. */
  parse(payload: JsonObject): Pressed | undefined {
    const [team, user] = [readId(payload["team"]), readId(payload["user"])];
    if (!isOurs(this.#parts.settings, team, payload["api_app_id"]) || payload["type"] !== "block_actions") return undefined;
    if (!isSlackId(team) || !isSlackId(user)) throw new BadRequest("The payload does not say who pressed the button.");
    const effect = this.read(payload["actions"]);
    if (effect === undefined) return undefined;
    const { response_url: responseUrl, trigger_id: trigger, container } = payload;
    if (!isResponseUrl(responseUrl, this.#parts.slackUrl))
      throw new BadRequest(`response_url is ${buildQuote(responseUrl)}, which is not on Slack's hosts.`);
    if (typeof trigger !== "string" || trigger === "") throw new BadRequest("The payload has no trigger_id.");
    const isEphemeral = isJsonObject(container) && container["is_ephemeral"] === true;
    const press = { team, user, request: buildHash("slack", team, trigger), isEphemeral };
    const isRefused = this.#parts.settings.externalUsers !== "allow" && isExternalPress(this.#parts.settings, team, payload);
    return { press, effect: isRefused ? refuseExternal : effect, responseUrl };
  }

  /** Finds the effect of the pressed button. */
  read(actions: unknown): Effect | undefined {
    const [pressed] = Array.isArray(actions) ? (actions as unknown[]) : [];
    if (!isJsonObject(pressed)) return undefined;
    for (const kind of this.#parts.kinds) {
      const effect = kind.read(pressed["action_id"], pressed["value"]);
      if (effect !== undefined) return effect;
    }
    return undefined;
  }

  /** Answers the press. The effect stands even if Slack refuses the answer. */
  async answer({ press, responseUrl }: Pressed, reply: Reply, deadline: Deadline): Promise<void> {
    try {
      await this.#parts.respond(responseUrl, reply, deadline);
    } catch (error) {
      this.#parts.log.error("the press is not answered", error, { team: press.team });
    }
  }
}

const refuseExternal: Effect = async () => ({
  response_type: "ephemeral",
  replace_original: false,
  text: "People of other companies can't use these buttons. Ask somebody at the company that runs this app.",
});

const readOrigin = ({ team, enterprise, is_enterprise_install: isEnterpriseInstall }: JsonObject): Origin => ({
  team: readId(team),
  enterprise: readId(enterprise),
  isEnterpriseInstall,
});

const readId = (value: unknown): unknown => (isJsonObject(value) ? value["id"] : undefined);

/** Creates the door; its secret is `SIGNING_SECRET`. */
const create = (settings: InteractionsSettings): Handler => {
  const log = createLog("interactions");
  const secrets = parseSecrets(process.env["SIGNING_SECRET"]);
  const kinds = [
    settings.dibs ? createDibsButtons(settings.dibs, log) : new OffButtons(isButtonAction, OFF.dibs),
    ...(settings.agent === undefined ? [] : [createAgentButtons(settings.agent, settings.installed !== undefined)]),
  ];
  const interactions = new Interactions({
    kinds,
    settings,
    signingSecrets: secrets,
    slackUrl: process.env["SLACK_URL"],
    log,
    installed: createInstalledWorkspaces(settings.installed, log),
  });
  return guard(log, request => interactions.handle(request));
};

export type { InteractionsSettings };
export { create, Interactions };
