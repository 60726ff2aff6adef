import { HttpError, quote } from "../../laptop-cloud/src/kernel/http";
import { buildMembers, isPerson, people, team } from "./directory";
import { type Posted, presentMessage } from "./message";
import type { Slack } from "./slack";

/** What the page reads; no secrets. */

/** `GET {slack}/state`: who and what is in the workspace, and how the app is installed. */
const readState = (slack: Slack) => {
  const { app, webhook, secrets, problems } = slack.installation;
  return {
    team,
    users: buildMembers(app?.botName ?? "bot"),
    people: people.map(({ id }) => id),
    channels: slack.workspace.channels(),
    app:
      app === undefined
        ? null
        : {
            name: app.name,
            commands: [...app.commands].map(([command, { description, usageHint }]) => ({ command, description, usageHint })),
            events: slack.requestUrl === undefined ? null : { ...slack.requestUrl.status, subscriptions: [...app.botEvents] },
            interactivityUrl: app.interactivityUrl ?? null,
            scopes: [...app.scopes],
            signs: secrets.signingSecret !== undefined,
          },
    webhook: webhook === undefined ? null : { url: webhook.url, triggerWords: webhook.triggerWords },
    problems,
  };
};

/** `GET {slack}/deliveries`: what the pretend Slack owes to the program's doors, and what became of it. */
const readDeliveries = (slack: Slack) => {
  const account = { owed: 0, done: 0, dead: 0 };
  for (const { id } of slack.workspace.channels()) {
    for (const { deliveries } of slack.workspace.messages(id)) {
      for (const { state } of deliveries) {
        account.owed += 1;
        if (state === "delivered") account.done += 1;
        if (state === "failed") account.dead += 1;
      }
    }
  }
  return account;
};

const mostMessages = 500;

/**
 * `GET {slack}/messages?channel=&user=&limit=&before=`: the latest messages of a channel as one person sees them, in order of time,
 * each with its deliveries. `before` is the timestamp that the page begins before.
 */
const readMessages = (slack: Slack, query: URLSearchParams) => {
  const channel = slack.workspace.channel(query.get("channel") ?? "");
  if (channel === undefined) throw new HttpError(400, "channel_not_found", `channel is ${quote(query.get("channel"))}: there is none.`);
  const user = query.get("user");
  if (user !== null && !isPerson(user)) throw new HttpError(400, "user_not_found", `user is ${quote(user)}: there is none.`);
  if (user !== null && !channel.members.includes(user))
    throw new HttpError(400, "channel_not_found", `channel is ${quote(channel.id)}: ${user} is not in it.`);
  const limit = Number(query.get("limit") ?? 100);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= mostMessages))
    throw new HttpError(400, "invalid_limit", `limit is ${quote(query.get("limit"))}: want 1 to ${mostMessages}.`);
  const before = query.get("before");
  const visible = slack.workspace
    .messages(channel.id)
    .filter(({ visibleTo, message }) => (visibleTo === undefined || visibleTo === user) && (before === null || message.ts < before));
  return { messages: visible.slice(-limit).map(posted => presentPosted(slack, posted)), hasMore: visible.length > limit };
};

/** `GET {slack}/canvases?channel=`: the canvases that a channel may read, the oldest first. */
const readCanvases = (slack: Slack, query: URLSearchParams) => {
  const channel = slack.workspace.channel(query.get("channel") ?? "");
  if (channel === undefined) throw new HttpError(400, "channel_not_found", `channel is ${quote(query.get("channel"))}: there is none.`);
  return { canvases: slack.workspace.canvases().filter(({ channels }) => channels.includes(channel.id)) };
};

const presentPosted = (slack: Slack, posted: Posted) => {
  const { message, visibleTo, deliveries, trace } = posted;
  return { ...presentMessage(message, team.id, slack.url), ephemeral: visibleTo !== undefined, deliveries, trace };
};

export { readCanvases, readDeliveries, readMessages, readState };
