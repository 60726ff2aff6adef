/**
 * The door for buttons and modals. Applies each press, and answers at its `response_url` or by publishing the Home again. Opens the modals of the
 * Home, and answers what is submitted in them.
 */

import { setTimeout as sleepMs } from "node:timers/promises";
import { Deadline } from "#core/deadline";
import { isButtonAction } from "#core/dibs/buttons";
import { BadRequest, SlackBusy, SlackRefused } from "#core/errors";
import { OFF } from "#core/feature-off";
import { isModalName, type ModalName, readEntered } from "#core/home/modal";
import { parseForm } from "#core/http/form";
import { buildHash } from "#core/ids";
import { isJsonObject, type JsonObject, parseJsonObject } from "#core/json";
import { createLog, type Log } from "#core/log";
import { isSlackId } from "#core/message/message";
import type { TopicArn } from "#core/named";
import { isProblem, type Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import type { Origin } from "#core/slack/installation";
import { isResponseUrl } from "#core/slack/response-url";
import type { TeamSettings } from "#core/slack/team-settings";
import { parseSecrets } from "#core/slack/verification-token";
import { createDibs } from "#functions/dibs/dibs";
import {
  ACK_BUDGET_MS,
  buildEmpty,
  buildJson,
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
import { ClaimModal, createAddModal, createRenameModal } from "#functions/interactions/dibs-modals";
import type { Actor, Modal } from "#functions/interactions/modals";
import { SettingsModal } from "#functions/interactions/settings-modal";
import { OffButtons } from "#functions/off";
import { createPeople } from "#functions/people";
import { type ExternalUsersSettings, isExternalPress, isOurs, type WorkspaceSettings } from "#functions/workspace";
import { createHomeRefresh, type HomeRefresh } from "#stores/home/refresh";
import { answerAt } from "#stores/slack/response-url";
import { createTeamSettings } from "#stores/slack/team-settings";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlacks, type Slacks } from "#stores/slack/web-api";

interface InteractionsSettings extends WorkspaceSettings, ExternalUsersSettings {
  /** The settings of the buttons of turn queues; undefined if turn queues are off. */
  dibs?: DibsButtonsSettings | undefined;
  /** The settings of the agent's buttons, which exist only with an agent. */
  agent?: AgentButtonsSettings | undefined;
  /** The topic of the event that makes a person's Home be published again. Undefined if the stack does not publish messages: it then has no Homes. */
  topicArn?: TopicArn | undefined;
  /** Both are undefined where the stack serves one workspace. */
  installed?: InstalledSettings | undefined;
  tokens?: TokensSettings | undefined;
}

/** Where the answer to a press goes: to its message, or to the Home with the button. */
type Place = { responseUrl: string } | "home";

/** A press, its effect, and where its answer goes. */
interface Pressed {
  press: Press;
  effect: Effect;
  place: Place;
}

/** Does what a payload asks for. Called only if the app is installed in the workspace. */
type Work = (chosen: TeamSettings | undefined, deadline: Deadline) => Promise<HttpResponse>;

/** Who did something, and whether they may. */
interface Someone {
  team: string;
  user: string;
  isRefused: boolean;
}

interface InteractionsParts {
  kinds: readonly Buttons[];
  /** By the name of their button. */
  modals?: Partial<Record<ModalName, Modal>>;
  /** Undefined where there are no Homes. */
  home?: Pick<HomeRefresh, "publish"> | undefined;
  /** Opens modals. */
  slacks?: Pick<Slacks, "of"> | undefined;
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
  readonly #parts: InteractionsParts & Required<Pick<InteractionsParts, "modals" | "nowMs" | "respond">>;

  constructor(parts: InteractionsParts) {
    this.#parts = { modals: {}, nowMs: Date.now, respond: answerAt, ...parts };
  }

  /** Throws `BadRequest`, `NotDurable`, `TooLarge`, `Unauthorized`, `UnsupportedMediaType`. */
  async handle(request: HttpRequest, deadline = new Deadline(ACK_BUDGET_MS)): Promise<HttpResponse> {
    const rawBody = readBody(request, "application/x-www-form-urlencoded");
    this.verify(request, rawBody);
    const form = parseForm(rawBody);
    if (form.get("ssl_check") === "1") return buildEmpty();
    const payload = parseJsonObject(Buffer.from(form.get("payload") ?? ""));
    const work = this.parse(payload);
    if (work === undefined) return buildEmpty();
    const { installed } = this.#parts;
    const found = await installed?.find(readOrigin(payload), deadline);
    if (installed !== undefined && found === undefined) return buildEmpty();
    return work(found?.chosen.settings, deadline);
  }

  /** Throws `Unauthorized`. */
  verify(request: HttpRequest, rawBody: Buffer): void {
    verifySigned(request, rawBody, this.#parts.signingSecrets, this.#parts.nowMs());
  }

  /** Undefined for another workspace, or if the payload is neither a press of our buttons nor a modal of ours. Throws `BadRequest`. */
  parse(payload: JsonObject): Work | undefined {
    const { type } = payload;
    const [team, user] = [readId(payload["team"]), readId(payload["user"])];
    if (!isOurs(this.#parts.settings, team, payload["api_app_id"])) return undefined;
    if (type !== "block_actions" && type !== "view_submission") return undefined;
    if (!isSlackId(team) || !isSlackId(user)) throw new BadRequest("The payload does not say who pressed the button.");
    const isRefused = this.#parts.settings.externalUsers !== "allow" && isExternalPress(this.#parts.settings, team, payload);
    const someone = { team, user, isRefused };
    return type === "view_submission" ? this.parseSubmission(payload, someone) : this.parsePress(payload, someone);
  }

  /** Throws `BadRequest`, also for a foreign `response_url`. */
  private parsePress(payload: JsonObject, { team, user, isRefused }: Someone): Work | undefined {
    const [pressed] = Array.isArray(payload["actions"]) ? (payload["actions"] as unknown[]) : [];
    if (!isJsonObject(pressed)) return undefined;
    const { action_id: action, value } = pressed;
    const modal = isModalName(action) ? this.#parts.modals[action] : undefined;
    const effect = modal === undefined ? this.read(action, value) : undefined;
    if (modal === undefined && effect === undefined) return undefined;
    const place = this.readPlace(payload);
    const { trigger_id: trigger, container } = payload;
    if (typeof trigger !== "string" || trigger === "") throw new BadRequest("The payload has no trigger_id.");
    const isEphemeral = isJsonObject(container) && container["is_ephemeral"] === true;
    const press = { team, user, request: buildHash("slack", team, trigger), isEphemeral };
    const done = isRefused ? refuseExternal : effect;
    if (done !== undefined) return (chosen, deadline) => this.press({ press: { ...press, chosen }, effect: done, place }, deadline);
    const begin = typeof value === "string" ? value : "";
    return (chosen, deadline) => this.open(actor => modal!.open(begin, actor, deadline), { ...press, chosen, trigger }, deadline);
  }

  /** A press in a Home has no `response_url`. Throws `BadRequest`. */
  private readPlace({ response_url: responseUrl, view }: JsonObject): Place {
    if (responseUrl === undefined && isJsonObject(view) && view["type"] === "home") return "home";
    if (isResponseUrl(responseUrl, this.#parts.slackUrl)) return { responseUrl };
    throw new BadRequest(`response_url is ${buildQuote(responseUrl)}, which is not on Slack's hosts.`);
  }

  /** The id of the view is the same if its modal is submitted again. Throws `BadRequest`. */
  private parseSubmission({ view }: JsonObject, { team, user, isRefused }: Someone): Work | undefined {
    if (!isJsonObject(view)) return undefined;
    const { id, callback_id: name, private_metadata: metadata = "" } = view;
    const modal = isModalName(name) ? this.#parts.modals[name] : undefined;
    if (modal === undefined || isRefused) return undefined;
    if (typeof id !== "string" || id === "") throw new BadRequest(`view.id is ${buildQuote(id)}, not an id.`);
    const submission = { entered: readEntered(view), metadata: String(metadata) };
    const actor = { team, user, request: buildHash("view", team, id) };
    return async (chosen, deadline) => {
      const submitted = await modal.submit(submission, { ...actor, chosen }, deadline);
      if ("errors" in submitted) return buildJson({ response_action: "errors", errors: submitted.errors });
      await this.refresh({ ...actor, note: submitted.note }, deadline);
      return buildEmpty();
    };
  }

  /** Finds the effect of the pressed button. */
  read(action: unknown, value: unknown): Effect | undefined {
    for (const kind of this.#parts.kinds) {
      const effect = kind.read(action, value);
      if (effect !== undefined) return effect;
    }
    return undefined;
  }

  private async press({ press, effect, place }: Pressed, deadline: Deadline): Promise<HttpResponse> {
    const reply = await effect(press, deadline);
    if (place === "home") await this.refresh({ ...press, note: reply.text }, deadline);
    else await this.answer(place, reply, press, deadline);
    return buildEmpty();
  }

  /** Opens a modal, within the three seconds of its trigger. A sentence about why it does not open shows in the Home. */
  private async open(
    build: (actor: Actor) => Promise<JsonObject | Problem>,
    { trigger, ...actor }: Actor & { trigger: string },
    deadline: Deadline,
  ): Promise<HttpResponse> {
    const view = await build(actor);
    const note = isProblem(view) ? view.problem : await this.show(view, trigger, actor, deadline);
    if (note !== undefined) await this.refresh({ ...actor, note }, deadline);
    return buildEmpty();
  }

  /** Returns a sentence if Slack does not open the modal. */
  private async show(view: JsonObject, trigger: string, { team }: Actor, deadline: Deadline): Promise<string | undefined> {
    const tooLong = sleepMs(deadline.leftMs, undefined, { ref: false });
    try {
      await Promise.race([this.#parts.slacks?.of(team).call("views.open", { trigger_id: trigger, view }), tooLong]);
      return undefined;
    } catch (error) {
      if (!(error instanceof SlackBusy || error instanceof SlackRefused)) throw error;
      this.#parts.log.error("the modal is not opened", error, { team });
      return "Slack did not open the window. Try again.";
    }
  }

  /** Asks for the Home to be published again. If that fails, the press still has its effect, and the Home shows it the next time it is opened. */
  private async refresh({ team, user, request, note }: Actor & { note: string }, deadline: Deadline): Promise<void> {
    try {
      await this.#parts.home?.publish({ team, user, note }, request, deadline);
    } catch (error) {
      this.#parts.log.error("the Home is not published", error, { team });
    }
  }

  /** Answers the press. If Slack refuses the answer, the press still has its effect. */
  private async answer({ responseUrl }: Exclude<Place, "home">, reply: Reply, { team }: Press, deadline: Deadline): Promise<void> {
    try {
      await this.#parts.respond(responseUrl, reply, deadline);
    } catch (error) {
      this.#parts.log.error("the press is not answered", error, { team });
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

/** Creates the modals of what the stack has. */
const createModals = ({ dibs, agent, tokens, installed }: InteractionsSettings, log: Log): Partial<Record<ModalName, Modal>> => {
  const people = createPeople(log, tokens);
  const teamSettings = createTeamSettings(installed, "ack");
  const queues = dibs && createDibs(dibs, log, "ack");
  const choices = { hasDibs: dibs !== undefined, hasAgent: agent !== undefined };
  return {
    ...(queues && {
      home_claim: new ClaimModal(queues, dibs.dibsDefault),
      home_add: createAddModal(queues, people),
      home_rename: createRenameModal(queues, people),
    }),
    ...(teamSettings && { home_settings: new SettingsModal(teamSettings, people, choices) }),
  };
};

/** Creates the door; its secrets are `SIGNING_SECRET` and, where the stack serves one workspace, `ACCESS_TOKEN`. */
const create = (settings: InteractionsSettings): Handler => {
  const log = createLog("interactions");
  const secrets = parseSecrets(process.env["SIGNING_SECRET"]);
  const kinds = [
    settings.dibs ? createDibsButtons(settings.dibs, log) : new OffButtons(isButtonAction, OFF.dibs),
    ...(settings.agent === undefined ? [] : [createAgentButtons(settings.agent, settings.installed !== undefined, log)]),
  ];
  const home = createHomeRefresh(settings.topicArn);
  const interactions = new Interactions({
    kinds,
    ...(home && { home, slacks: createSlacks(settings.tokens), modals: createModals(settings, log) }),
    settings,
    signingSecrets: secrets,
    slackUrl: process.env["SLACK_URL"],
    log,
    installed: createInstalledWorkspaces(settings.installed, log),
  });
  return guard(log, (request, deadline) => interactions.handle(request, deadline));
};

export type { InteractionsSettings };
export { create, Interactions };
