import { type Channel, isKnownToBot, kinds, slackbot } from "../directory";
import type { Posted } from "../message";
import type { Organisation } from "../organisation";
import type { Rate } from "../rate-limit";
import type { Slack } from "../slack";
import { SlackError } from "../slack-error";
import type { Arguments } from "./arguments";

/** Who calls a method. */
interface Caller {
  organisation: Organisation;
  /** Of the installation that the token is from. */
  grantId: string;
  token: string;
}

/** One method of the Web API. */
interface Method {
  /** The scope that the token must have, or a function that derives it from the arguments. */
  scope?: string | ((slack: Slack, given: Arguments) => string);
  /** Changes nothing, so GET may call it too. Any site can make a browser send a GET. */
  readOnly?: true;
  /** How often the method may be called in a workspace. */
  rate?: Rate;
  /** The argument `team_id` must be given with the token of an organisation. */
  needsTeam?: true;
  /** Throws `SlackError`. */
  run(slack: Slack, given: Arguments, caller: Caller): Promise<object>;
}

/** The conversation that an argument names, by id, and by name for channels. Throws `SlackError` `channel_not_found`. */
const findChannel = (slack: Slack, given: Arguments): Channel => {
  const name = given.required("channel");
  const channel = slack.workspace.channel(name) ?? slack.workspace.channelByName(name.replace(/^#/, ""));
  if (channel === undefined || !isKnownToBot(channel)) throw new SlackError("channel_not_found");
  return channel;
};

/** Like `findChannel`, but a member's id stands for the direct messages with them. */
const openChannel = async (slack: Slack, given: Arguments): Promise<Channel> => {
  const name = given.required("channel");
  return slack.workspace.person(name) !== undefined || name === slackbot.id
    ? slack.workspace.openDirect(slack.bot.userId, name)
    : findChannel(slack, given);
};

const findMessage = (slack: Slack, channel: Channel, ts: string): Posted => {
  const posted = slack.workspace.find(channel.id, ts);
  if (posted === undefined || posted.visibleTo !== undefined) throw new SlackError("message_not_found");
  return posted;
};

/** The scope that a conversation needs: `channels:history`, `groups:history`, `im:history`. */
const scopeFor = (action: "history" | "read" | "write") => (slack: Slack, given: Arguments) =>
  `${kinds[slack.workspace.channel(given.text("channel") ?? "")?.kind ?? "channel"].scope}:${action}`;

interface Page<T> {
  items: T[];
  /** The `response_metadata` of the answer. */
  metadata: { response_metadata?: { next_cursor: string } };
  hasMore: boolean;
}

/** One page of a list. A cursor names the last item of the previous page. Throws `SlackError` `invalid_cursor`. */
const paginate = <T>(items: T[], idOf: (item: T) => string, cursor: string | undefined, limit: number): Page<T> => {
  const start = cursor === undefined ? 0 : indexAfter(items, idOf, cursor);
  const page = items.slice(start, start + limit);
  const hasMore = start + limit < items.length;
  const next = hasMore ? Buffer.from(`next:${idOf(page.at(-1)!)}`).toString("base64") : "";
  return { items: page, hasMore, metadata: cursor === undefined && !hasMore ? {} : { response_metadata: { next_cursor: next } } };
};

const indexAfter = <T>(items: T[], idOf: (item: T) => string, cursor: string): number => {
  const id = /^next:(.+)$/.exec(Buffer.from(cursor, "base64").toString("utf8"))?.[1];
  const at = items.findIndex(item => idOf(item) === id);
  if (at === -1) throw new SlackError("invalid_cursor");
  return at + 1;
};

export type { Caller, Method };
export { findChannel, findMessage, openChannel, paginate, scopeFor };
