import { bot, team } from "../directory";
import { presentMessage } from "../message";
import { SlackError } from "../slack-error";
import { findChannel, findMessage, type Method } from "./method";

/** Behaves as https://docs.slack.dev/reference/methods/reactions.add */
const add: Method = {
  scope: "reactions:write",
  run: async (slack, given) => {
    const name = given.required("name").replaceAll(":", "");
    if (!/^[\p{L}\p{N}_+'-]+$/u.test(name)) throw new SlackError("invalid_name");
    const channel = findChannel(slack, given);
    const posted = findMessage(slack, channel, given.required("timestamp"));
    const { reactions = [] } = posted.message;
    if (reactions.some(each => each.name === name && each.users.includes(bot.userId))) throw new SlackError("already_reacted");
    const joined = reactions.some(each => each.name === name)
      ? reactions.map(each => (each.name === name ? { name, users: [...each.users, bot.userId] } : each))
      : [...reactions, { name, users: [bot.userId] }];
    await slack.react(channel, posted, joined, { type: "reaction_added", user: bot.userId, name });
    return {};
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/reactions.remove */
const remove: Method = {
  scope: "reactions:write",
  run: async (slack, given) => {
    const name = given.required("name").replaceAll(":", "");
    const channel = findChannel(slack, given);
    const posted = findMessage(slack, channel, given.required("timestamp"));
    const { reactions = [] } = posted.message;
    if (!reactions.some(each => each.name === name && each.users.includes(bot.userId))) throw new SlackError("no_reaction");
    const left = reactions
      .map(each => (each.name === name ? { name, users: each.users.filter(user => user !== bot.userId) } : each))
      .filter(({ users }) => users.length > 0);
    await slack.react(channel, posted, left, { type: "reaction_removed", user: bot.userId, name });
    return {};
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/reactions.get; differs: messages only. */
const get: Method = {
  readOnly: true,
  scope: "reactions:read",
  run: async (slack, given) => {
    const channel = findChannel(slack, given);
    const { message } = findMessage(slack, channel, given.required("timestamp"));
    return { type: "message", channel: channel.id, message: presentMessage(message, team.id, slack.url) };
  },
};

const reactionsMethods: Record<string, Method> = { "reactions.add": add, "reactions.remove": remove, "reactions.get": get };

export { reactionsMethods };
