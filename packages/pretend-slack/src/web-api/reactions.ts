import { isEmojiName, presentMessage } from "../message";
import { SlackError } from "../slack-error";
import { findChannel, findMessage, type Method } from "./method";

/** Behaves as https://docs.slack.dev/reference/methods/reactions.add */
const add: Method = {
  scope: "reactions:write",
  run: async (slack, given) => {
    const name = given.required("name").replaceAll(":", "");
    if (!isEmojiName(name)) throw new SlackError("invalid_name");
    const channel = findChannel(slack, given);
    const posted = findMessage(slack, channel, given.required("timestamp"));
    const isAdded = await slack.react(channel, posted, { type: "reaction_added", user: slack.bot.userId, name });
    if (!isAdded) throw new SlackError("already_reacted");
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
    const isRemoved = await slack.react(channel, posted, { type: "reaction_removed", user: slack.bot.userId, name });
    if (!isRemoved) throw new SlackError("no_reaction");
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
    return { type: "message", channel: channel.id, message: presentMessage(message, slack.team.id, slack.url) };
  },
};

const reactionsMethods: Record<string, Method> = { "reactions.add": add, "reactions.remove": remove, "reactions.get": get };

export { reactionsMethods };
