import { randomBytes } from "node:crypto";
import { type App, isDeliverable } from "./app";
import { bot, type Channel, kinds, team } from "./directory";
import { type Message, presentMessage } from "./message";

/** An event before it is sent. It contains stored messages, which `presentEvent` converts to Slack's format. */
interface SlackEvent {
  type: string;
  [property: string]: unknown;
}

/** The event subscription for messages of a conversation. */
const subscriptionOf = ({ kind }: Channel) => `message.${kinds[kind].scope}`;

const mention = `<@${bot.userId}>`;

/** The events of a new message, for an app whose bot is in the channel. A mention causes two. */
const buildMessageEvents = (app: App, channel: Channel, message: Message): SlackEvent[] => {
  const place = { channel: channel.id, event_ts: message.ts };
  const event = { type: "message", message, ...place, channel_type: channel.kind };
  return [...(isDeliverable(app, subscriptionOf(channel)) ? [event] : []), ...buildMentionEvents(app, channel, message, message.ts)];
};

/** Slack sends no event for a mention in direct messages. */
const buildMentionEvents = (app: App, channel: Channel, message: Message, eventTs: string): SlackEvent[] => {
  const mentionsBot = message.bot_id !== bot.botId && message.text.includes(mention);
  if (!mentionsBot || channel.kind === "im" || !isDeliverable(app, "app_mention")) return [];
  return [{ type: "app_mention", message, channel: channel.id, event_ts: eventTs }];
};

/** `message_changed` or `message_deleted`: events with their own timestamp. An edited mention is sent again. */
const buildChangeEvents = (app: App, channel: Channel, ts: string, previous: Message, changed?: Message): SlackEvent[] => {
  const event = {
    type: "message",
    subtype: changed === undefined ? "message_deleted" : "message_changed",
    ...(changed === undefined ? { deleted_ts: previous.ts } : { changed }),
    previous,
    hidden: true,
    channel: channel.id,
    channel_type: channel.kind,
    ts,
    event_ts: ts,
  };
  const mentions = changed === undefined ? [] : buildMentionEvents(app, channel, changed, ts);
  return [...(isDeliverable(app, subscriptionOf(channel)) ? [event] : []), ...mentions];
};

/** The events of a new person. `user` is the person as the Web API shows them. The letter in `channel_type` tells nothing about privacy. */
const buildJoinEvents = (app: App, channel: Channel, user: { id: string }, eventTs: string): SlackEvent[] =>
  [
    { type: "team_join", user, event_ts: eventTs },
    { type: "member_joined_channel", user: user.id, channel: channel.id, channel_type: "C", team: team.id, event_ts: eventTs },
  ].filter(({ type }) => isDeliverable(app, type));

const buildReactionEvents = (app: App, type: "reaction_added" | "reaction_removed", reaction: ReactionGiven): SlackEvent[] => {
  if (!isDeliverable(app, type)) return [];
  const { user, name, channel, ts, author, eventTs } = reaction;
  return [
    { type, user, reaction: name, item: { type: "message", channel, ts }, ...(author ? { item_user: author } : {}), event_ts: eventTs },
  ];
};

interface ReactionGiven {
  user: string;
  name: string;
  channel: string;
  ts: string;
  author: string | undefined;
  eventTs: string;
}

/** The parts of an event that are the same in all attempts. */
interface EventContent extends Record<string, unknown> {
  eventId: string;
  eventTimeSeconds: number;
  event: SlackEvent;
}

const buildEventContent = (event: SlackEvent, eventTimeSeconds: number): EventContent => ({
  eventId: `Ev${randomBytes(5).toString("hex").toUpperCase()}`,
  eventTimeSeconds,
  event,
});

/** The body of an event callback. Source: https://docs.slack.dev/apis/events-api */
const writeEnvelope = ({ eventId, eventTimeSeconds, event }: EventContent, token: string | undefined, slackUrl: string): string =>
  JSON.stringify({
    ...(token === undefined ? {} : { token }),
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: bot.appId,
    event: presentEvent(event, slackUrl),
    type: "event_callback",
    event_id: eventId,
    event_time: eventTimeSeconds,
    authorizations: [{ enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
  });

const presentEvent = (event: SlackEvent, slackUrl: string): Record<string, unknown> => {
  const show = (message: unknown) => presentMessage(message as Message, team.id, slackUrl, { withMetadata: true });
  const { message, changed, previous, ...rest } = event;
  return {
    ...(message === undefined ? {} : show(message)),
    ...rest,
    ...(changed === undefined ? {} : { message: show(changed) }),
    ...(previous === undefined ? {} : { previous_message: show(previous) }),
  };
};

export type { EventContent, SlackEvent };
export { buildChangeEvents, buildEventContent, buildJoinEvents, buildMessageEvents, buildReactionEvents, writeEnvelope };
