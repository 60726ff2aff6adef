/** The door for outgoing webhooks. Counts and publishes each message once, and replies with the counts. */

import { Deadline } from "#core/deadline";
import { BadRequest, Unauthorized } from "#core/errors";
import { type Form, parseForm, parseValues } from "#core/http/form";
import { createLog } from "#core/log";
import type { KeyLayout } from "#core/message/count-keys";
import { findTop, type TopRequest } from "#core/message/leaderboard";
import { buildMessage, findTrigger, isSlackId, isSlackTs, type MessageInput, SLACKBOT } from "#core/message/message";
import { countTokens, hasTokens, type Split } from "#core/message/tokens";
import type { TableName, TopicArn } from "#core/named";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { parseSecrets, verifyToken } from "#core/slack/verification-token";
import { type Accept, type AcceptSettings, createAccept } from "#functions/accept";
import { ACK_BUDGET_MS, buildEmpty, buildJson, guard, type Handler, type HttpRequest, type HttpResponse, readBody } from "#functions/door";
import { createTop, type Place, type Top, type TopSettings } from "#functions/top";
import { isOurs, type WorkspaceSettings } from "#functions/workspace";

interface WebhookSettings extends AcceptSettings, WorkspaceSettings {
  seenTable: TableName;
  wordsTable: TableName;
  layout: KeyLayout;
  /** Absent if messages are not published. */
  topicArn?: TopicArn;
  /** What the webhook counts: words or annotations. */
  split: Split;
  ignoreWords: string[];
  triggerWords: string[];
  /** Answers questions for the leaderboard. */
  top: TopSettings;
}

/** Slack's placeholders for names of private conversations. Outgoing webhooks are meant for public channels. */
const PRIVATE_CHANNEL_NAME = /^(?:privategroup$|directmessage$|mpdm-)/;

class Webhook {
  constructor(
    private readonly accept: Pick<Accept, "accept">,
    private readonly top: Pick<Top, "answer">,
    private readonly settings: Pick<WebhookSettings, "split" | "ignoreWords" | "triggerWords" | "teamId" | "appId">,
    private readonly verificationTokens: readonly string[],
  ) {}

  /** Throws `BadRequest`, `NotDurable`, `TooLarge`, `Unauthorized`, `UnsupportedMediaType`. */
  async handle(request: HttpRequest, deadline = new Deadline(ACK_BUDGET_MS)): Promise<HttpResponse> {
    const rawBody = readBody(request, "application/x-www-form-urlencoded");
    this.verify(rawBody);
    const form = parseForm(rawBody);
    if (form.get("ssl_check") === "1") return buildEmpty();
    if (this.isForOthers(form)) return buildJson({});
    const question = this.findQuestion(form);
    if (question !== undefined) return buildJson({ text: await this.top.answer(question, readPlace(form), deadline) });
    const said = this.parse(form);
    // Subscribers get the message even if none of its tokens counts, because the events door leaves it to this door.
    if (!hasTokens(said.text)) return buildJson({});
    const text = await this.accept.accept(buildMessage(said), deadline);
    return buildJson(text === "" ? {} : { text });
  }

  /** Parses only the token. Throws `Unauthorized`, also for a repeated token, and `BadRequest` for an empty body. */
  verify(rawBody: Buffer): void {
    if (rawBody.length === 0) throw new BadRequest("The body is empty.");
    const tokens = parseValues(rawBody, "token");
    if (tokens.length > 1) throw new Unauthorized("the verification token comes more than once");
    verifyToken(tokens[0], this.verificationTokens);
  }

  /** Tells whether the message is from a bot or another team. */
  isForOthers(form: Form): boolean {
    const isBot = form.get("user_id") === SLACKBOT || (form.get("bot_id") ?? "") !== "";
    return isBot || !isOurs(this.settings, form.get("team_id"), form.get("api_app_id"));
  }

  /** Reads `TRIGGER top [N] [today] [here]` as a question for the leaderboard. */
  findQuestion(form: Form): TopRequest | Problem | undefined {
    const triggerWords = [form.get("trigger_word") ?? "", ...this.settings.triggerWords];
    const found = findTrigger(form.get("text") ?? "", triggerWords);
    return found && findTop(found.rest);
  }

  /** Throws `BadRequest` if an id or the timestamp, which form the message's key, is missing or malformed. */
  parse(form: Form): MessageInput {
    const text = form.get("text") ?? "";
    const threadTs = form.get("thread_ts") || undefined;
    const [team, channel, user, ts] = [form.get("team_id"), form.get("channel_id"), form.get("user_id") ?? "", form.get("timestamp")];
    if (!isSlackId(team)) throw new BadRequest(`team_id is ${buildQuote(team)}, not a Slack id.`);
    if (!isSlackId(channel)) throw new BadRequest(`channel_id is ${buildQuote(channel)}, not a Slack id.`);
    if (user !== "" && !isSlackId(user)) throw new BadRequest(`user_id is ${buildQuote(user)}, not a Slack id.`);
    if (!isSlackTs(ts)) throw new BadRequest(`timestamp is ${buildQuote(ts)}, not a Slack timestamp.`);
    if (threadTs !== undefined && !isSlackTs(threadTs))
      throw new BadRequest(`thread_ts is ${buildQuote(threadTs)}, not a Slack timestamp.`);
    const tokens = countTokens(text, this.settings);
    const isPrivate = PRIVATE_CHANNEL_NAME.test(form.get("channel_name") ?? "");
    return { door: "webhook", team, channel, user, text, ts, threadTs, files: [], private: isPrivate, mentionsBot: false, tokens };
  }
}

const readPlace = (form: Form): Place => ({
  team: form.get("team_id") ?? "",
  channel: form.get("channel_id") ?? "",
  user: form.get("user_id") ?? "",
});

/** Creates the door; its secret is `VERIFICATION_TOKEN`. */
const create = (settings: WebhookSettings): Handler => {
  const log = createLog("webhook");
  const tokens = parseSecrets(process.env["VERIFICATION_TOKEN"]);
  const webhook = new Webhook(createAccept(settings, log), createTop(settings.top), settings, tokens);
  return guard(log, (request, deadline) => webhook.handle(request, deadline));
};

export type { WebhookSettings };
export { create, Webhook };
