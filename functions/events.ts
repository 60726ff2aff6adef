/**
 * The door for Slack's Events API. Counts and publishes each message once, and publishes some other events. Where no outgoing webhook does, it also
 * counts messages that begin with a trigger word, and keeps the answers that the notifier posts.
 */

import { Deadline } from "#core/deadline";
import { BadRequest } from "#core/errors";
import { isJsonObject, type JsonObject, parseJsonObject } from "#core/json";
import { createLog } from "#core/log";
import type { KeyLayout } from "#core/message/count-keys";
import { buildEvent, TOMBSTONE } from "#core/message/event";
import { findTop } from "#core/message/leaderboard";
import {
  buildMessage,
  findTrigger,
  isSlackId,
  isSlackTs,
  type Message,
  type MessageFile,
  type MessageInput,
  SLACKBOT,
} from "#core/message/message";
import { countTokens, type Split } from "#core/message/tokens";
import type { TableName, TopicArn } from "#core/named";
import { buildQuote } from "#core/quote";
import type { VersionedSettings } from "#core/slack/team-settings";
import { parseSecrets, verifyToken } from "#core/slack/verification-token";
import { type Accept, type AcceptSettings, createAccept } from "#functions/accept";
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
import { findEventName, parseOther, WRITTEN } from "#functions/events/other-events";
import { createInstalledWorkspaces, type InstalledSettings, type InstalledWorkspaces } from "#functions/installed-workspaces";
import { createTop, type Top, type TopSettings } from "#functions/top";
import {
  addBot,
  type ExternalUsersSettings,
  findTeam,
  isExternal,
  isExternalStop,
  isOurEvent,
  readAuthorizations,
  type WorkspaceSettings,
} from "#functions/workspace";

interface EventsSettings extends AcceptSettings, WorkspaceSettings, ExternalUsersSettings {
  seenTable: TableName;
  wordsTable: TableName;
  /** Absent if messages are not published. */
  topicArn?: TopicArn;
  layout: KeyLayout;
  triggerWords: string[];
  /** What counts in messages that begin with a trigger word. In other messages, hashtags do. */
  split: Split;
  ignoreWords: string[];
  /** Answers questions for the leaderboard. Undefined where an outgoing webhook counts and answers messages that begin with a trigger word. */
  top?: TopSettings | undefined;
  /** Undefined where the stack serves one workspace. */
  installed?: InstalledSettings | undefined;
}

interface EventsSecrets {
  signing: readonly string[];
  /** Accepted only if no signing secret is configured. */
  verificationTokens: readonly string[];
}

const TYPES_TAKEN: readonly unknown[] = ["message", "app_mention"];
/** The `mode`, `filetype` or `mimetype` of canvases and lists. Slack sends them as files, even for a link, but they can't be downloaded. */
const LINKED: readonly unknown[] = [
  ...["quip", "docs", "canvas", "channel_canvas", "list"],
  ...["application/vnd.slack-docs", "application/vnd.slack-list"],
];
// Slack's values are channel, group, mpim, im and app_home. New values are passed on.
const CHANNEL_TYPE = /^[a-z_]{1,32}$/;
// Slack's ids look like Ev0PV52K25. A key must stay short.
const EVENT_ID = /^[!-~]{1,256}$/;

/** What a workspace has chosen beside the door's own settings. */
interface ChosenSettings {
  /** Whether mentions give agents tasks. Default: yes. */
  agents?: boolean;
  settingsVersion?: string | undefined;
}

/** An event of a workspace that has the app. */
interface OwnEvent {
  /** With the bot of the installation. */
  body: JsonObject;
  /** Undefined where the stack serves one workspace. */
  chosen?: VersionedSettings;
}

interface EventsParts {
  accept: Pick<Accept, "accept">;
  /** Undefined where an outgoing webhook counts and answers messages that begin with a trigger word. */
  top?: Pick<Top, "answer"> | undefined;
  /** Undefined where the stack serves one workspace. */
  installed?: Pick<InstalledWorkspaces, "findOfEvent" | "takeLeave"> | undefined;
  settings: Pick<EventsSettings, "triggerWords" | "split" | "ignoreWords" | "teamId" | "appId" | "externalUsers"> & ChosenSettings;
  secrets: EventsSecrets;
  nowMs?: () => number;
}

class Events {
  readonly #parts: EventsParts & Required<Pick<EventsParts, "nowMs">>;

  constructor(parts: EventsParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Throws `BadRequest`, `NotDurable`, `TooLarge`, `Unauthorized`, `UnsupportedMediaType`. */
  async handle(request: HttpRequest, deadline = new Deadline(ACK_BUDGET_MS)): Promise<HttpResponse> {
    const rawBody = readBody(request, "application/json");
    this.verify(request, rawBody);
    const body = parseJsonObject(rawBody);
    if (body["type"] === "url_verification") return this.answerChallenge(body);
    if (typeof body["type"] !== "string") throw new BadRequest(`type is ${buildQuote(body["type"])}, not a string.`);
    if (body["type"] !== "event_callback") return buildEmpty();
    const { event_id: eventId, event } = body;
    if (typeof eventId !== "string" || !EVENT_ID.test(eventId)) throw new BadRequest(`event_id is ${buildQuote(eventId)}, not a Slack id.`);
    if (!isJsonObject(event)) throw new BadRequest(`event is ${buildQuote(event)}, not an object.`);
    if (!isOurEvent(this.#parts.settings, body)) return buildEmpty();
    const ours = await this.findInstalled(body, event, deadline);
    if (ours === undefined) return buildEmpty();
    const door = this.under(ours.chosen);
    const said = door.parseMessage(ours.body, event);
    const accepted = said === undefined ? door.parseOther(ours.body, event) : await door.build(said, deadline);
    if (accepted !== undefined) await this.#parts.accept.accept(accepted, deadline, { team: this.parseTeam(ours.body), eventId });
    return buildEmpty();
  }

  /** Returns this door, under the settings of a workspace. */
  under(chosen: VersionedSettings | undefined): Events {
    if (chosen?.version === undefined) return this;
    const settings = { ...this.#parts.settings, ...chosen.settings, settingsVersion: chosen.version };
    return new Events({ ...this.#parts, settings });
  }

  /**
   * Finds the installation of an event where there are many. Undefined if the app is not installed there, or if the event tells that it was removed.
   * Throws `BadRequest`, `NotDurable`.
   */
  async findInstalled(body: JsonObject, event: JsonObject, deadline: Deadline): Promise<OwnEvent | undefined> {
    const { installed } = this.#parts;
    if (installed === undefined) return { body };
    if (await installed.takeLeave(body, event, deadline)) return undefined;
    const found = await installed.findOfEvent(body, this.parseTeam(body), deadline);
    return found && { body: addBot(body, found.bot_user), chosen: found.chosen };
  }

  /** Returns undefined for other events, and for messages to ignore. Throws `BadRequest`. */
  parseMessage(body: JsonObject, event: JsonObject): MessageInput | undefined {
    const said = this.isTaken(body, event) ? this.parse(body, event) : undefined;
    return said === undefined || this.isIdle(said) ? undefined : said;
  }

  /** Builds a message, with the answer to a question for the leaderboard. Throws `TooLarge`. */
  async build(said: MessageInput, deadline: Deadline): Promise<Message> {
    const message = buildMessage(said);
    const question = said.expectsAnswer ? findTop(this.findTrigger(said.text)?.rest ?? "") : undefined;
    if (this.#parts.top === undefined || question === undefined) return message;
    return { ...message, answer: await this.#parts.top.answer(question, said, deadline) };
  }

  /** Returns undefined for messages, and for events to ignore. Throws `BadRequest`, `TooLarge`. */
  parseOther(body: JsonObject, event: JsonObject): Message | undefined {
    const name = findEventName(event);
    if (name === undefined) return undefined;
    const team = this.parseTeam(body);
    const { externalUsers } = this.#parts.settings;
    if (name === "agent_session_stopped" && externalUsers !== "allow" && isExternalStop(team, body, event)) return undefined;
    const channelType = parseChannelType(event);
    const context = { team, bots: findBots(body), channelType, sentTs: this.parseSentTs(body) };
    const parsed = parseOther(name, event, context);
    if (parsed === undefined) return undefined;
    const { ignoreWords, settingsVersion } = this.#parts.settings;
    return buildEvent({ ...parsed, split: this.splitOf(readNewText(event), channelType), settingsVersion }, ignoreWords);
  }

  /** Finds which tokens of a text count, whichever door counts them. An edited text counts as if it were said. */
  splitOf(text: string | undefined, channelType: string | undefined): Split | undefined {
    if (text === undefined) return undefined;
    const trigger = this.findTrigger(text);
    if (trigger === undefined) return "annotations";
    // Slack has outgoing webhooks in public channels only. They need a verification token.
    const isCounted = this.#parts.top !== undefined || (channelType === "channel" && this.#parts.secrets.verificationTokens.length > 0);
    // A question for the leaderboard counts nothing.
    return isCounted && findTop(trigger.rest) === undefined ? this.#parts.settings.split : undefined;
  }

  private findTrigger(text: string) {
    return findTrigger(text, this.#parts.settings.triggerWords);
  }

  /** Reads when Slack sent the event. */
  parseSentTs({ event_time: seconds }: JsonObject): string {
    return typeof seconds === "number" && isSlackTs(String(seconds)) ? String(seconds) : String(Math.floor(this.#parts.nowMs() / 1000));
  }

  /** Throws `BadRequest`. */
  parseTeam(body: JsonObject): string {
    const team = findTeam(this.#parts.settings, body);
    if (!isSlackId(team)) throw new BadRequest(`team_id is ${buildQuote(team)}, not a Slack id.`);
    return team;
  }

  /** Throws `Unauthorized`. The older token in the body counts only if there is no signing secret. */
  verify(request: HttpRequest, rawBody: Buffer): void {
    const { signing, verificationTokens } = this.#parts.secrets;
    if (signing.length === 0 && verificationTokens.length > 0) {
      verifyToken(readToken(rawBody), verificationTokens);
      return;
    }
    verifySigned(request, rawBody, signing, this.#parts.nowMs());
  }

  /** Answers the challenge with which Slack verifies the URL. */
  answerChallenge({ challenge }: JsonObject): HttpResponse {
    if (typeof challenge !== "string") throw new BadRequest(`challenge is ${buildQuote(challenge)}, not a string.`);
    return buildJson({ challenge });
  }

  /** Tells whether an event is a message from a person, not from a bot, an edit or a join. */
  isTaken(body: JsonObject, event: JsonObject): boolean {
    if (!TYPES_TAKEN.includes(event["type"]) || !WRITTEN.includes(event["subtype"] ?? undefined)) return false;
    const isBot = (event["bot_id"] ?? undefined) !== undefined || event["user"] === SLACKBOT || findBots(body).includes(event["user"]);
    return !isBot;
  }

  /** Throws `BadRequest` if a part that we use is malformed. */
  parse(body: JsonObject, event: JsonObject): MessageInput {
    const team = this.parseTeam(body);
    const { channel, ts } = event;
    const oldFile = isJsonObject(event["file"]) ? event["file"] : undefined;
    const user = event["user"] ?? oldFile?.["user"] ?? "";
    const threadTs = event["thread_ts"] ?? undefined;
    if (!isSlackId(channel)) throw new BadRequest(`channel is ${buildQuote(channel)}, not a Slack id.`);
    if (user !== "" && !isSlackId(user)) throw new BadRequest(`user is ${buildQuote(user)}, not a Slack id.`);
    if (!isSlackTs(ts)) throw new BadRequest(`ts is ${buildQuote(ts)}, not a Slack timestamp.`);
    if (threadTs !== undefined && !isSlackTs(threadTs))
      throw new BadRequest(`thread_ts is ${buildQuote(threadTs)}, not a Slack timestamp.`);
    const text = parseText(event, oldFile);
    const files = parseFiles(event, oldFile);
    const external = this.#parts.settings.externalUsers !== "allow" && isExternal(team, body, event);
    const channelType = parseChannelType(event);
    const { ignoreWords, agents = true, settingsVersion } = this.#parts.settings;
    const place = { door: "events" as const, team, channel, channelType, user, text, ts, threadTs, files, external, settingsVersion };
    const mayAsk = agents && !external;
    // Slack sends this event in addition to the message, before or after it, and again after an edit. It has no conversation type.
    if (event["type"] === "app_mention") return { ...place, type: "slack.app_mention", private: true, mentionsBot: mayAsk, tokens: [] };
    const expectsAnswer = this.#parts.top !== undefined && this.findTrigger(text) !== undefined;
    const isMention = mayAsk && findBots(body).some(bot => text.includes(`<@${bot}>`) || text.includes(`<@${bot}|`));
    // In a direct message, everything is said to the bot: what it answers with counts is not for an agent.
    const mentionsBot = isMention && !(expectsAnswer && channelType === "im");
    const split = this.isForWebhook(text) ? undefined : this.splitOf(text, channelType);
    const tokens = split === undefined ? [] : countTokens(text, { split, ignoreWords });
    const said = { ...place, private: channelType !== "channel", mentionsBot, tokens };
    return expectsAnswer ? { ...said, split, expectsAnswer } : said;
  }

  /** Tells whether the outgoing webhook counts this text. */
  isForWebhook(text: string): boolean {
    return this.#parts.top === undefined && this.findTrigger(text) !== undefined;
  }

  /** Tells whether there is nothing to publish: no content, text that the webhook handles, or a mention by a person of another company. */
  isIdle({ type, text, files, mentionsBot }: MessageInput): boolean {
    if (type === "slack.app_mention") return !mentionsBot;
    if (files.length > 0) return false;
    return text.trim() === "" || (this.isForWebhook(text) && !mentionsBot);
  }
}

const readNewText = ({ message }: JsonObject): string | undefined => {
  const { subtype, text = "" } = isJsonObject(message) ? message : { subtype: TOMBSTONE };
  return subtype === TOMBSTONE || typeof text !== "string" ? undefined : text;
};

/** Reads the token of an unverified body. */
const readToken = (rawBody: Buffer): unknown => {
  try {
    return parseJsonObject(rawBody)["token"];
  } catch (error) {
    if (error instanceof BadRequest) return undefined;
    throw error;
  }
};

/** Finds the bot users of this app: their messages are ours, and mentioning them mentions us. */
const findBots = (body: JsonObject): unknown[] => {
  const bots = readAuthorizations(body).filter(each => each["is_bot"] === true);
  // Skip bots without an id, or they would match messages without a user.
  return bots.map(bot => bot["user_id"]).filter(isSlackId);
};

/** Slack's conversation type; undefined if it is missing or invalid. */
const parseChannelType = ({ channel_type: type }: JsonObject): string | undefined =>
  typeof type === "string" && CHANNEL_TYPE.test(type) ? type : undefined;

/** Reads the text. Older file messages have it as the file's comment. Throws `BadRequest`. */
const parseText = (event: JsonObject, oldFile: JsonObject | undefined): string => {
  const text = event["text"] ?? "";
  if (typeof text !== "string") throw new BadRequest(`text is ${buildQuote(text)}, not a string.`);
  const comment = isJsonObject(oldFile?.["initial_comment"]) ? oldFile["initial_comment"]["comment"] : undefined;
  return text === "" && typeof comment === "string" ? comment : text;
};

type FileObject = JsonObject & { id: string };

const isFileObject = (file: unknown): file is FileObject => isJsonObject(file) && isSlackId(file["id"]);

/**
 * Reads the files of a message and of the messages that it forwards, each once. Throws `BadRequest` for a malformed file of the message
 * itself, and skips malformed files of forwarded messages.
 */
const parseFiles = (event: JsonObject, oldFile: JsonObject | undefined): MessageFile[] => {
  const own = event["files"] ?? (oldFile === undefined ? [] : [oldFile]);
  if (!Array.isArray(own)) throw new BadRequest(`files is ${buildQuote(own)}, not a list.`);
  if (!own.every(isFileObject)) throw new BadRequest("files contains an entry without a Slack id.");
  const files = [...own, ...findForwardedFiles(event)].filter(file => !isLinked(file));
  const once = new Map<string, FileObject>();
  // The message's own files come first, because they may have more details.
  for (const file of files) if (!once.has(file.id)) once.set(file.id, file);
  return [...once.values()].map(buildFile);
};

const isLinked = (file: FileObject): boolean => [file["mode"], file["filetype"], file["mimetype"]].some(each => LINKED.includes(each));

const findForwardedFiles = ({ attachments }: JsonObject): FileObject[] => {
  const shared = Array.isArray(attachments) ? attachments.filter(isJsonObject).filter(each => each["is_share"] === true) : [];
  return shared.flatMap(({ files }) => (Array.isArray(files) ? files.filter(isFileObject) : []));
};

/** With Slack Connect, a file may have only an id. */
const buildFile = (file: FileObject): MessageFile => {
  const { id, name, mimetype, size, url_private: url } = file;
  if (file["file_access"] === "check_file_info") return { id };
  return {
    id,
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof mimetype === "string" ? { mimetype } : {}),
    // JSON may contain 1e999, which parses to Infinity and can't be written as JSON.
    ...(typeof size === "number" && Number.isFinite(size) ? { size } : {}),
    ...(typeof url === "string" ? { url } : {}),
  };
};

/** Creates the door; its secrets are `SIGNING_SECRET` or, without one, `VERIFICATION_TOKEN`. */
const create = (settings: EventsSettings): Handler => {
  const log = createLog("events");
  const secrets = {
    signing: parseSecrets(process.env["SIGNING_SECRET"]),
    verificationTokens: parseSecrets(process.env["VERIFICATION_TOKEN"]),
  };
  const top = settings.top && createTop(settings.top);
  const events = new Events({
    accept: createAccept(settings, log),
    top,
    installed: createInstalledWorkspaces(settings.installed, log),
    settings,
    secrets,
  });
  return guard(log, (request, deadline) => events.handle(request, deadline));
};

export type { EventsSettings };
export { create, Events };
