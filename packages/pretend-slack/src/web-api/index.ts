import type { IncomingMessage, ServerResponse } from "node:http";
import { allowMethods, answerJson } from "@slack-fanout/laptop-cloud/kernel/http";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { Fault } from "@slack-fanout/laptop-cloud/kernel/weather";
import type { Slack } from "../slack";
import { SlackError } from "../slack-error";
import { Arguments } from "./arguments";
import { authMethods } from "./auth";
import { canvasesMethods } from "./canvases";
import { chatMethods } from "./chat";
import { conversationsMethods } from "./conversations";
import { filesMethods } from "./files";
import type { Method } from "./method";
import { reactionsMethods } from "./reactions";
import { usersMethods } from "./users";

const methods: Record<string, Method> = {
  ...authMethods,
  ...canvasesMethods,
  ...chatMethods,
  ...conversationsMethods,
  ...filesMethods,
  ...reactionsMethods,
  ...usersMethods,
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

/** `Retry-After` while the weather makes the Web API fail. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Slack's Web API (https://docs.slack.dev/apis/web-api). A method that is not in `methods` is an `unknown_method`.
 *
 * Differs: methods that change something accept POST only.
 */
class WebApi {
  constructor(private readonly slack: Slack) {}

  /** Throws `SlackError`, and `HttpError` 405. */
  async answer(name: string, request: IncomingMessage, body: Buffer, query: URLSearchParams, response: ServerResponse) {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    allowMethods(request, "POST", ...(method === undefined || method.readOnly ? ["GET"] : []));
    const { slackStatus, slackRefuses } = this.slack.cloud.weather.report;
    if (slackStatus !== 0) return answerStorm(Number(slackStatus), response);
    if ((slackRefuses as string[]).includes(name)) throw new SlackError("not_allowed");
    const given = { ...Object.fromEntries(query), ...(await readBodyArguments(request.headers["content-type"] ?? "", body)) };
    if (method === undefined) throw new SlackError("unknown_method", { req_method: name });
    const result = await this.#run(method, request.headers.authorization, given);
    const scopes = [...(this.slack.installation.app?.scopes ?? [])].join(",");
    answerJson(response, { ok: true, ...result }, 200, { "x-oauth-scopes": scopes });
  }

  /** Throws `SlackError`. */
  async #run(method: Method, authorization: string | undefined, values: Record<string, unknown>): Promise<object> {
    const given = new Arguments(values);
    this.#verifyToken(authorization, given);
    this.#verifyScope(method, given);
    return method.run(this.slack, given);
  }

  #verifyToken(authorization: string | undefined, given: Arguments) {
    const { app, secrets } = this.slack.installation;
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1] ?? given.text("token");
    if (token === undefined) throw new SlackError("not_authed");
    if (app === undefined || secrets.botToken === undefined || token !== secrets.botToken) throw new SlackError("invalid_auth");
  }

  #verifyScope({ scope }: Method, given: Arguments) {
    const needed = typeof scope === "function" ? scope(this.slack, given) : scope;
    const scopes = this.slack.installation.app?.scopes ?? new Set();
    if (needed !== undefined && !scopes.has(needed)) throw new SlackError("missing_scope", { needed, provided: [...scopes].join(",") });
  }
}

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

export { SLACK_REFUSES, SLACK_STATUS, WebApi };
