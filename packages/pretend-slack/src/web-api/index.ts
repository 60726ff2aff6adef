import type { IncomingMessage, ServerResponse } from "node:http";
import { allowMethods, answerJson } from "@slack-fanout/laptop-cloud/kernel/http";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { Fault } from "@slack-fanout/laptop-cloud/kernel/weather";
import type { Grant } from "../installs";
import type { Organisation } from "../organisation";
import type { Slack } from "../slack";
import { SlackError } from "../slack-error";
import { Arguments } from "./arguments";
import { authMethods } from "./auth";
import { canvasesMethods } from "./canvases";
import { chatMethods } from "./chat";
import { conversationsMethods } from "./conversations";
import { filesMethods } from "./files";
import type { Method } from "./method";
import { clientMethods } from "./oauth";
import { reactionsMethods } from "./reactions";
import { sessionsMethods } from "./sessions";
import { streamsMethods } from "./streams";
import { usersMethods } from "./users";
import { viewsMethods } from "./views";

const methods: Record<string, Method> = {
  ...authMethods,
  ...canvasesMethods,
  ...chatMethods,
  ...conversationsMethods,
  ...filesMethods,
  ...reactionsMethods,
  ...sessionsMethods,
  ...streamsMethods,
  ...usersMethods,
  ...viewsMethods,
};

/** The weather's `slackStatus`: the status that the Web API answers with; 0 turns it off. */
const SLACK_STATUS: Fault = {
  fair: 0,
  isValid: value => value === 0 || (Number.isSafeInteger(value) && Number(value) >= 200 && Number(value) <= 599),
  mustBe: "an HTTP status from 200 to 599, or 0",
};

/** The weather's `slackRefuses`: Web API methods that answer `not_allowed`. Also methods that the pretend Slack lacks. */
const SLACK_REFUSES: Fault = {
  fair: [],
  isValid: value => Array.isArray(value) && value.every(name => typeof name === "string" && /^[a-zA-Z]+(?:\.[a-zA-Z]+)+$/.test(name)),
  mustBe: 'a list of Web API methods, such as ["chat.postMessage"]',
};

/** The weather's `slackNonMarketplace`: the limits of apps that are distributed commercially outside of Slack's Marketplace. */
const SLACK_NON_MARKETPLACE: Fault = { fair: false, isValid: value => typeof value === "boolean", mustBe: "true or false" };

/** `Retry-After` while the weather makes the Web API fail. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Slack's Web API (https://docs.slack.dev/apis/web-api). A method that is not in `methods` is an `unknown_method`.
 *
 * Differs: methods that change something accept POST only.
 */
class WebApi {
  constructor(private readonly organisation: Organisation) {}

  /** Throws `SlackError`, and `HttpError` 405. */
  async answer(name: string, request: IncomingMessage, body: Buffer, query: URLSearchParams, response: ServerResponse) {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    allowMethods(request, "POST", ...((method === undefined && !isClientMethod(name)) || method?.readOnly ? ["GET"] : []));
    const { slackStatus, slackRefuses } = this.organisation.cloud.weather.report;
    if (slackStatus !== 0) return answerStorm(Number(slackStatus), response);
    if ((slackRefuses as string[]).includes(name)) throw new SlackError("not_allowed");
    const values = { ...Object.fromEntries(query), ...(await readBodyArguments(request.headers["content-type"] ?? "", body)) };
    const given = new Arguments(values);
    const { authorization } = request.headers;
    if (isClientMethod(name)) {
      answerJson(response, { ok: true, ...(await clientMethods[name]!(this.organisation, given, authorization)) });
      return;
    }
    if (method === undefined) throw new SlackError("unknown_method", { req_method: name });
    const { result, scopes } = await this.#run(name, method, authorization, given);
    answerJson(response, { ok: true, ...result }, 200, { "x-oauth-scopes": [...scopes].join(",") });
  }

  /** Throws `SlackError`. */
  async #run(
    name: string,
    method: Method,
    authorization: string | undefined,
    given: Arguments,
  ): Promise<{ result: object; scopes: Iterable<string> }> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1] ?? given.text("token");
    if (token === undefined) throw new SlackError("not_authed");
    const grant = this.organisation.installs.authenticate(token);
    const slack = this.#choose(method, grant, given);
    verifyScope(slack, method, given, grant);
    if (method.rate !== undefined) slack.rate.take(name, method.rate);
    const result = await method.run(slack, given, { organisation: this.organisation, grantId: grant.id, token });
    return { result, scopes: grant.scopes };
  }

  /** The workspace that a call is about. The token of an organisation is good in several. Throws `SlackError` `team_not_found`, `team_access_not_granted`. */
  #choose({ needsTeam }: Method, grant: Grant, given: Arguments): Slack {
    const workspaces = this.organisation.workspacesOf(grant.id);
    const [first, ...others] = workspaces;
    // A workspace may have an installation of its own beside the organisation's.
    if (first === undefined) throw new SlackError("team_access_not_granted");
    if (grant.id === first.team.id) return first;
    const team = given.text("team_id");
    if (team === undefined && needsTeam) throw new SlackError("missing_argument");
    if (team !== undefined) {
      const named = workspaces.find(slack => slack.team.id === team);
      if (named === undefined) throw new SlackError("team_not_found");
      return named;
    }
    return others.find(slack => isAbout(slack, given)) ?? first;
  }
}

const isClientMethod = (name: string) => Object.hasOwn(clientMethods, name);

/** Whether the ids among the arguments belong to a workspace. */
const isAbout = ({ workspace, views, triggers }: Slack, given: Arguments): boolean => {
  if (triggers.has(given.raw("trigger_id")) || views.find(String(given.raw("view_id"))) !== undefined) return true;
  const ids = ["channel", "channel_id", "user", "user_id", "users", "file", "canvas_id"].map(name => given.raw(name));
  return ids.some(
    id => typeof id === "string" && [workspace.channel(id), workspace.person(id), workspace.file(id), workspace.canvas(id)].some(Boolean),
  );
};

const verifyScope = (slack: Slack, { scope }: Method, given: Arguments, { scopes }: Grant) => {
  const needed = typeof scope === "function" ? scope(slack, given) : scope;
  if (needed !== undefined && !scopes.has(needed)) throw new SlackError("missing_scope", { needed, provided: [...scopes].join(",") });
};

const answerStorm = (status: number, response: ServerResponse) => {
  const error = status === 429 ? "ratelimited" : status >= 500 ? "service_unavailable" : "fatal_error";
  answerJson(response, { ok: false, error }, status, status === 429 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {});
};

/** Throws `SlackError` `invalid_json`, `json_not_object`, `invalid_form_data`, `invalid_post_type`. */
const readBodyArguments = async (contentType: string, body: Buffer): Promise<Record<string, unknown>> => {
  if (body.length === 0) return {};
  if (contentType.startsWith("application/json")) return readJson(body);
  if (contentType.startsWith("application/x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(body.toString("utf8")));
  if (!contentType.startsWith("multipart/form-data")) throw new SlackError("invalid_post_type");
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData().catch(() => undefined);
  if (form === undefined) throw new SlackError("invalid_form_data");
  return Object.fromEntries([...form].filter(([, value]) => typeof value === "string"));
};

const readJson = (body: Buffer): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new SlackError("invalid_json");
  }
  if (!isObject(value)) throw new SlackError("json_not_object");
  return value;
};

export { SLACK_NON_MARKETPLACE, SLACK_REFUSES, SLACK_STATUS, WebApi };
