import { HttpError, quote } from "@slack-fanout/laptop-cloud/kernel/http";
import { buildMembers } from "./directory";
import { type Posted, presentMessage } from "./message";
import type { Organisation } from "./organisation";
import type {
  Block,
  DeliveryCounts,
  MessagePage,
  ShownMessage,
  ShownSession,
  ShownStream,
  ShownView,
  ShownViewAnswer,
  Workspace,
} from "./protocol";
import type { Slack } from "./slack";
import { isStreaming } from "./streams";
import type { View } from "./views";

/** `GET {slack}/state?team=`: a workspace, and how the app is installed there. */
const readState = ({ workspaces, listing }: Organisation, slack: Slack): Workspace => {
  const { app, webhook, triggerWords, secrets, problems } = slack.installation;
  const { id, name } = slack.team;
  return {
    team: { id, name },
    teams: workspaces.map(({ team, grant }) => ({ id: team.id, name: team.name, isInstalled: grant !== undefined })),
    installUrl: listing.installUrl ?? null,
    users: buildMembers(slack.workspace.people(), slack.bot, app?.botName),
    people: slack.workspace.people().map(({ id }) => id),
    channels: slack.workspace.channels(),
    app:
      app === undefined
        ? null
        : {
            name: app.name,
            commands: [...app.commands].map(([command, { description, usageHint }]) => ({ command, description, usageHint })),
            events: slack.requestUrl === undefined ? null : { ...slack.requestUrl.status, subscriptions: [...app.botEvents] },
            interactivityUrl: app.interactivityUrl ?? null,
            hasHome: app.hasHome,
            scopes: [...app.scopes],
            suggestedPrompts: app.suggestedPrompts,
            signs: secrets.signingSecret !== undefined,
          },
    webhook: webhook === undefined ? null : { url: webhook.url },
    triggerWords,
    problems,
  };
};

/** `GET {slack}/deliveries`: how many requests to the program are expected, answered and given up. */
const readDeliveries = (workspaces: readonly Slack[]): DeliveryCounts => {
  const counts = { expected: 0, done: 0, deadLetters: 0 };
  const channels = workspaces.flatMap(({ workspace }) => workspace.channels().map(({ id }) => ({ workspace, id })));
  for (const { workspace, id } of channels) {
    for (const { deliveries } of workspace.messages(id)) {
      for (const { state } of deliveries) {
        counts.expected += 1;
        if (state === "delivered") counts.done += 1;
        if (state === "failed") counts.deadLetters += 1;
      }
    }
  }
  return counts;
};

const MAX_MESSAGES = 500;

/**
 * `GET {slack}/messages?channel=&user=&limit=&before=`: the latest messages of a channel as one person sees them, sorted by time, each with its
 * deliveries. With `before`, the latest messages before that timestamp.
 */
const readMessages = (slack: Slack, query: URLSearchParams): MessagePage => {
  const channel = slack.workspace.channel(query.get("channel") ?? "");
  if (channel === undefined) throw new HttpError(400, "channel_not_found", `There is no channel ${quote(query.get("channel"))}.`);
  const user = query.get("user");
  if (user !== null && slack.workspace.person(user) === undefined)
    throw new HttpError(400, "user_not_found", `There is no user ${quote(user)}.`);
  if (user !== null && !channel.members.includes(user))
    throw new HttpError(400, "channel_not_found", `channel is ${quote(channel.id)}: ${user} is not in it.`);
  const limit = Number(query.get("limit") ?? 100);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MAX_MESSAGES))
    throw new HttpError(400, "invalid_limit", `limit is ${quote(query.get("limit"))}, but must be 1 to ${MAX_MESSAGES}.`);
  const before = query.get("before");
  const visible = slack.workspace
    .messages(channel.id)
    .filter(({ visibleTo, message }) => (visibleTo === undefined || visibleTo === user) && (before === null || message.ts < before));
  return { messages: visible.slice(-limit).map(posted => presentPosted(slack, posted)), hasMore: visible.length > limit };
};

/** `GET {slack}/canvases?channel=`: the canvases that a channel can read, oldest first. */
const readCanvases = (slack: Slack, query: URLSearchParams) => {
  const channel = slack.workspace.channel(query.get("channel") ?? "");
  if (channel === undefined) throw new HttpError(400, "channel_not_found", `There is no channel ${quote(query.get("channel"))}.`);
  return { canvases: slack.workspace.canvases().filter(({ channels }) => channels.includes(channel.id)) };
};

/** `GET {slack}/home?user=`: the app's Home as one person sees it. */
const readHome = (slack: Slack, query: URLSearchParams): ShownViewAnswer => ({
  view: presentShown(slack.views.home(parseUser(slack, query))),
});

/** `GET {slack}/views?user=`: the modal that a person has open, the top one of several. */
const readModal = (slack: Slack, query: URLSearchParams): ShownViewAnswer => ({
  view: presentShown(slack.views.modal(parseUser(slack, query))),
});

const parseUser = (slack: Slack, query: URLSearchParams): string => {
  const user = query.get("user") ?? "";
  if (slack.workspace.person(user) === undefined)
    throw new HttpError(400, "user_not_found", `There is no user ${quote(query.get("user"))}.`);
  return user;
};

/** With the field names of Slack's views. */
const presentShown = (view: View | undefined): ShownView | null => {
  if (view === undefined) return null;
  const { values, user: _user, ...shown } = view;
  return { ...shown, state: { values } };
};

/** `GET {slack}/sessions`: the agent's sessions, oldest thread first. */
const readSessions = (slack: Slack): ShownSession[] =>
  slack.sessions.all().map(({ channel, threadTs, status, title }) => ({ channel, threadTs, status, title }));

/** `GET {slack}/streams`: the messages that are streamed or were, oldest first. */
const readStreams = (slack: Slack): ShownStream[] =>
  slack.streams.all().map(posted => ({
    channel: posted.channel,
    threadTs: posted.message.thread_ts,
    ts: posted.message.ts,
    open: isStreaming(posted),
    text: posted.message.text,
    chunks: posted.stream!.chunks.map(({ type, ...chunk }) => ({ type, ...("text" in chunk ? { text: chunk.text } : {}) })),
  }));

const presentPosted = (slack: Slack, { channel, message, visibleTo, deliveries, trace }: Posted): ShownMessage => {
  // The app wrote the blocks; nothing has checked them against Block Kit.
  const blocks = message.blocks as Block[] | undefined;
  const session = slack.sessions.find(channel, message.ts);
  return {
    ...presentMessage(message, slack.team.id, slack.url),
    blocks,
    ...(session === undefined ? {} : { session: { status: session.status, title: session.title } }),
    ephemeral: visibleTo !== undefined,
    deliveries,
    trace,
  };
};

export { readCanvases, readDeliveries, readHome, readMessages, readModal, readSessions, readState, readStreams };
