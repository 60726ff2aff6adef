/** Requests to the agent: the bodies of its queue's messages, from a mention of the bot or from `/ask`. */
import { createHash } from "node:crypto";
import type { Task } from "#core/agent/task";
import { BadRequest } from "#core/errors";
import { isJsonObject, type JsonObject, parseJsonObject } from "#core/json";
import { isSlackId, isSlackTs, type MessageFile } from "#core/message/message";
import { buildQuote } from "#core/quote";
import { unescapeMrkdwn } from "#core/slack/mrkdwn";

/** A parsed request. Ids are Slack's; the text is plain. */
interface TaskRequest {
  id: string;
  /** The id of the envelope. A mention sends two messages, which are one task. */
  messageId: string;
  team: string;
  channel: string;
  user: string;
  text: string;
  /** Files shared with it. */
  files?: readonly MessageFile[];
  /** The thread to answer in. A request of `/ask` has none yet. */
  threadTs?: string;
  /** Whether the task waited in the table for its turn, which has come. */
  isNext?: true;
  createdAtMs: number;
}

/** A request of the slash command `/ask`. */
interface Ask {
  team: string;
  channel: string;
  user: string;
  text: string;
  triggerId: string;
}

/** A message for the queue. */
interface AskMessage {
  /** The task's id. */
  id: string;
  /** The body: a CloudEvent as JSON. */
  envelope: string;
}

/** The type of a message that tells a task that its turn has come. */
const NEXT = "slack.next";
const TYPES: readonly unknown[] = ["slack.message", "slack.app_mention", "slack.ask", NEXT];

/** The format of Slack's trigger ids (`13345224609.738474920.8088930838d88f008e0`). Any other id is hashed. */
const TRIGGER_ID = /^[A-Za-z0-9._]{1,100}$/;
const ASK_ID = /^[A-Za-z0-9]{1,64}-[A-Za-z0-9]{1,64}-[A-Za-z0-9._]{1,100}-ask$/;

// The envelope does not contain the bot's id. People address the bot at the beginning or the end; a mention in between is content.
const LEADING_MENTIONS = /^(?:\s*<@[A-Z0-9]{1,64}(?:\|[^<>]{0,200})?>[\s,:]*)+/;
const TRAILING_MENTION = /<@[A-Z0-9]{1,64}(?:\|[^<>]{0,200})?>\s*$/;

const cleanText = (text: string): string => {
  const begun = text.replace(LEADING_MENTIONS, "");
  const said = begun === text ? text.replace(TRAILING_MENTION, "") : begun;
  return unescapeMrkdwn(said).toWellFormed().trim();
};

/** Builds the message of an `/ask`. The same trigger always makes the same task. */
const buildAskEnvelope = ({ team, channel, user, text, triggerId }: Ask, nowMs: number): AskMessage => {
  const trigger = TRIGGER_ID.test(triggerId) ? triggerId : createHash("sha256").update(triggerId).digest("hex");
  const id = `${team}-${channel}-${trigger}-ask`;
  const envelope = JSON.stringify({
    specversion: "1.0",
    id,
    source: `slack://${team}/commands`,
    type: "slack.ask",
    time: new Date(nowMs).toISOString(),
    datacontenttype: "application/json",
    data: { team, channel, user, text: text.toWellFormed() },
  });
  // SQS refuses these two characters.
  return { id, envelope: envelope.replace(/[\uFFFE\uFFFF]/g, character => `\\u${character.charCodeAt(0).toString(16)}`) };
};

/** Builds the message that tells a task that its turn has come. The task is in the table already, so the message needs no text. */
const buildNextEnvelope = ({ id, team, channel, user, threadTs, createdAtMs }: Task): string =>
  JSON.stringify({
    specversion: "1.0",
    id: `${id}-next`,
    source: `slack://${team}/agent`,
    type: NEXT,
    time: new Date(createdAtMs).toISOString(),
    datacontenttype: "application/json",
    data: { task: id, team, channel, user, text: "", threadTs },
  });

const parsePlace = ({ team, channel, user, text }: JsonObject) => {
  if (!isSlackId(team)) throw new BadRequest(`data.team is ${buildQuote(team)}, not a Slack id.`);
  if (!isSlackId(channel)) throw new BadRequest(`data.channel is ${buildQuote(channel)}, not a Slack id.`);
  // Old file messages have no user.
  if (user !== "" && !isSlackId(user)) throw new BadRequest(`data.user is ${buildQuote(user)}, not a Slack id.`);
  if (typeof text !== "string") throw new BadRequest(`data.text is ${buildQuote(text)}, not a string.`);
  return { team, channel, user, text: cleanText(text) };
};

const parseThread = ({ ts, threadTs = ts }: JsonObject): { ts: string; threadTs: string } => {
  if (!isSlackTs(ts)) throw new BadRequest(`data.ts is ${buildQuote(ts)}, not a Slack timestamp.`);
  if (!isSlackTs(threadTs)) throw new BadRequest(`data.threadTs is ${buildQuote(threadTs)}, not a Slack timestamp.`);
  return { ts, threadTs };
};

/** Parses the body of a message. Throws `BadRequest` if it is neither a Slack message nor an `/ask`. */
const parseTaskRequest = (body: string): TaskRequest => {
  const { id, type, time, data } = parseJsonObject(Buffer.from(body));
  if (!TYPES.includes(type)) throw new BadRequest(`type is ${buildQuote(type)}, not a message, a mention or an ask.`);
  if (!isJsonObject(data)) throw new BadRequest(`data is ${buildQuote(data)}, not an object.`);
  const createdAtMs = typeof time === "string" ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(createdAtMs)) throw new BadRequest(`time is ${buildQuote(time)}, not a time.`);
  const place = parsePlace(data);
  if (type === "slack.ask") {
    if (typeof id !== "string" || !ASK_ID.test(id)) throw new BadRequest(`id is ${buildQuote(id)}, not an id of an ask.`);
    return { id, messageId: id, ...place, createdAtMs };
  }
  if (typeof id !== "string" || id === "") throw new BadRequest(`id is ${buildQuote(id)}, not an id.`);
  if (type === NEXT) {
    const { task, threadTs } = data;
    if (typeof task !== "string" || task === "") throw new BadRequest(`data.task is ${buildQuote(task)}, not an id of a task.`);
    return { id: task, messageId: id, ...place, ...(isSlackTs(threadTs) ? { threadTs } : {}), isNext: true, createdAtMs };
  }
  const { ts, threadTs } = parseThread(data);
  const files = Array.isArray(data["files"]) ? (data["files"].filter(isJsonObject) as object[] as MessageFile[]) : [];
  // Not the id of the envelope: a mention sends two events, and both are the same task.
  return {
    id: `${place.team}-${place.channel}-${ts}`,
    messageId: id,
    ...place,
    ...(files.length === 0 ? {} : { files }),
    threadTs,
    createdAtMs,
  };
};

/** Reads the team of a message in the queue; undefined if it is not a request. */
const readRequestTeam = (body: string): string | undefined => {
  try {
    const { data } = parseJsonObject(Buffer.from(body));
    const team = isJsonObject(data) ? data["team"] : undefined;
    return isSlackId(team) ? team : undefined;
  } catch (error) {
    if (error instanceof BadRequest) return undefined;
    throw error;
  }
};

export type { Ask, TaskRequest };
export { buildAskEnvelope, buildNextEnvelope, cleanText, parseTaskRequest, readRequestTeam };
