import { randomBytes } from "node:crypto";
import { type App, isDeliverable } from "./app";
import { type Channel, enterprise, kinds, type Team } from "./directory";
import { type Message, presentMessage } from "./message";

/** An event before it is sent. It contains stored messages, which `presentEvent` converts to Slack's format. */
interface SlackEvent {
  type: string;
  [property: string]: unknown;
}

/** The event subscription for messages of a conversation. */
const subscriptionOf = ({ kind }: Channel) => `message.${kinds[kind].scope}`;

/** The installed app, and the workspace that its events are about. */
interface Recipient {
  app: App;
  team: Team;
}

/** The events of a new message, for an app whose bot is in the channel. A mention causes two. */
const buildMessageEvents = (to: Recipient, channel: Channel, message: Message): SlackEvent[] => {
  const place = { channel: channel.id, event_ts: message.ts };
  const event = { type: "message", message, ...place, channel_type: channel.kind };
  return [...(isDeliverable(to.app, subscriptionOf(channel)) ? [event] : []), ...buildMentionEvents(to, channel, message, message.ts)];
};

/** Slack sends no event for a mention in direct messages. */
const buildMentionEvents = ({ app, team }: Recipient, channel: Channel, message: Message, eventTs: string): SlackEvent[] => {
  const mentionsBot = message.bot_id !== team.bot.botId && message.text.includes(`<@${team.bot.userId}>`);
  if (!mentionsBot || channel.kind === "im" || !isDeliverable(app, "app_mention")) return [];
  return [{ type: "app_mention", message, channel: channel.id, event_ts: eventTs }];
};

/** A message before and after. Without `changed` it was deleted. */
interface Change {
  previous: Message;
  changed?: Message;
}

/** `message_changed` or `message_deleted`: events with their own timestamp. An edited mention is sent again. */
const buildChangeEvents = (to: Recipient, channel: Channel, ts: string, { previous, changed }: Change): SlackEvent[] => {
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
  const mentions = changed === undefined ? [] : buildMentionEvents(to, channel, changed, ts);
  return [...(isDeliverable(to.app, subscriptionOf(channel)) ? [event] : []), ...mentions];
};

/** The events of a new person. `user` is the person as the Web API shows them. The letter in `channel_type` tells nothing about privacy. */
const buildJoinEvents = ({ app, team }: Recipient, channel: Channel, user: { id: string }, eventTs: string): SlackEvent[] =>
  [
    { type: "team_join", user, event_ts: eventTs },
    { type: "member_joined_channel", user: user.id, channel: channel.id, channel_type: "C", team: team.id, event_ts: eventTs },
  ].filter(({ type }) => isDeliverable(app, type));

/** The events of an app that was uninstalled, which Slack sends in any order. */
const buildUninstallEvents = ({ app, team }: Recipient, eventTs: string): SlackEvent[] =>
  [
    { type: "tokens_revoked", tokens: { oauth: [], bot: [team.bot.userId] }, event_ts: eventTs },
    { type: "app_uninstalled", event_ts: eventTs },
  ].filter(({ type }) => isDeliverable(app, type));

const buildReactionEvents = ({ app }: Recipient, type: "reaction_added" | "reaction_removed", reaction: ReactionGiven): SlackEvent[] => {
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
  /** Whether the organisation installed the app, when the event happened. */
  isEnterpriseInstall?: boolean;
}

const buildEventContent = (event: SlackEvent, eventTimeSeconds: number, isEnterpriseInstall: boolean): EventContent => ({
  eventId: `Ev${randomBytes(5).toString("hex").toUpperCase()}`,
  eventTimeSeconds,
  event,
  isEnterpriseInstall,
});

/** The pretend Slack, as an envelope says it. */
interface Envelope {
  team: Team;
  slackUrl: string;
  /** The verification token. */
  token: string | undefined;
}

/**
 * The body of an event callback. Source: https://docs.slack.dev/apis/events-api
 *
 * Differs: the organisation is told only where it installed the app.
 */
const writeEnvelope = (content: EventContent, { team, slackUrl, token }: Envelope): string => {
  const { eventId, eventTimeSeconds, event, isEnterpriseInstall = false } = content;
  const enterpriseId = isEnterpriseInstall ? enterprise.id : null;
  const authorization = {
    enterprise_id: enterpriseId,
    team_id: isEnterpriseInstall ? null : team.id,
    user_id: team.bot.userId,
    is_bot: true,
    is_enterprise_install: isEnterpriseInstall,
  };
  return JSON.stringify({
    ...(token === undefined ? {} : { token }),
    team_id: team.id,
    ...(isEnterpriseInstall ? { enterprise_id: enterpriseId } : {}),
    context_team_id: team.id,
    context_enterprise_id: enterpriseId,
    api_app_id: team.bot.appId,
    event: presentEvent(event, team, slackUrl),
    type: "event_callback",
    event_id: eventId,
    event_time: eventTimeSeconds,
    authorizations: [authorization],
    is_ext_shared_channel: false,
  });
};

const presentEvent = (event: SlackEvent, team: Team, slackUrl: string): Record<string, unknown> => {
  const show = (message: unknown) => presentMessage(message as Message, team.id, slackUrl, { withMetadata: true });
  const { message, changed, previous, ...rest } = event;
  return {
    ...(message === undefined ? {} : show(message)),
    ...rest,
    ...(changed === undefined ? {} : { message: show(changed) }),
    ...(previous === undefined ? {} : { previous_message: show(previous) }),
  };
};

export type { EventContent, Recipient, SlackEvent };
export {
  buildChangeEvents,
  buildEventContent,
  buildJoinEvents,
  buildMessageEvents,
  buildReactionEvents,
  buildUninstallEvents,
  writeEnvelope,
};
