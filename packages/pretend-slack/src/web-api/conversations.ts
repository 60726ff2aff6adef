import { type Channel, isKnownToBot, kinds } from "../directory";
import { type Posted, presentMessage } from "../message";
import { NON_MARKETPLACE } from "../rate-limit";
import type { Slack } from "../slack";
import { SlackError } from "../slack-error";
import { isTimestamp, microsOf } from "../timestamp";
import type { Arguments } from "./arguments";
import { findChannel, type Method, paginate, scopeFor } from "./method";

const present = (slack: Slack, channel: Channel) => ({
  id: channel.id,
  created: channel.createdSeconds,
  context_team_id: slack.team.id,
  is_archived: false,
  is_im: channel.kind === "im",
  is_mpim: false,
  // Private channels from before 2021, whose ids begin with G, are groups.
  is_group: channel.kind === "group",
  is_channel: channel.kind === "channel",
  is_private: channel.kind !== "channel",
  ...(channel.kind === "im"
    ? { user: channel.members.find(member => member !== slack.bot.userId) ?? slack.bot.userId, is_org_shared: false }
    : {
        name: channel.name,
        name_normalized: channel.name,
        is_general: channel.id === slack.team.general,
        is_member: channel.members.includes(slack.bot.userId),
        is_shared: false,
        is_ext_shared: false,
        topic: { value: channel.topic, creator: "", last_set: 0 },
        purpose: { value: "", creator: "", last_set: 0 },
        num_members: channel.members.length,
      }),
});

/** Behaves as https://docs.slack.dev/reference/methods/conversations.list */
const list: Method = {
  readOnly: true,
  needsTeam: true,
  scope: (slack, given) => {
    const needed = typesOf(given).map(scopeOfType);
    return needed.find(scope => !slack.installation.app?.scopes.has(scope)) ?? needed[0]!;
  },
  run: async (slack, given) => {
    const types = typesOf(given);
    const channels = slack.workspace.channels().filter(channel => types.includes(kinds[channel.kind].type) && isKnownToBot(channel));
    const page = paginate(channels, ({ id }) => id, given.text("cursor"), given.limit(100, 1000));
    return { channels: page.items.map(channel => present(slack, channel)), response_metadata: { next_cursor: "" }, ...page.metadata };
  },
};

/** Every type of conversation has its own scope. */
const scopeOfType = (type: string) => `${Object.values(kinds).find(kind => kind.type === type)?.scope ?? type}:read`;

const typesOf = (given: Arguments): string[] => {
  const types = (given.text("types") ?? "public_channel").split(",").map(type => type.trim());
  if (types.some(type => !["public_channel", "private_channel", "mpim", "im"].includes(type))) throw new SlackError("invalid_types");
  return types;
};

/** Behaves as https://docs.slack.dev/reference/methods/conversations.info */
const info: Method = {
  readOnly: true,
  scope: scopeFor("read"),
  run: async (slack, given) => ({ channel: present(slack, findChannel(slack, given)) }),
};

/** Behaves as https://docs.slack.dev/reference/methods/conversations.history */
const history: Method = {
  readOnly: true,
  scope: scopeFor("history"),
  run: async (slack, given) => {
    const channel = findMemberChannel(slack, given);
    const most = takeRead(slack, "conversations.history");
    const isWithin = readRange(given);
    const messages = slack.workspace
      .messages(channel.id)
      .filter(({ message, visibleTo }) => visibleTo === undefined && isTopLevel(slack, channel, message) && isWithin(message.ts))
      .reverse();
    return presentPage(slack, messages, given, most);
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/conversations.replies */
const replies: Method = {
  readOnly: true,
  scope: scopeFor("history"),
  run: async (slack, given) => {
    const channel = findMemberChannel(slack, given);
    const most = takeRead(slack, "conversations.replies");
    const ts = given.required("ts");
    const parent = slack.workspace.find(channel.id, ts);
    const thread = slack.workspace.repliesTo(channel.id, ts);
    if (parent?.visibleTo !== undefined || (parent === undefined && thread.length === 0)) throw new SlackError("thread_not_found");
    const isWithin = readRange(given);
    const within = thread.filter(({ message }) => isWithin(message.ts));
    // The parent is always included, whatever the range.
    return presentPage(slack, parent === undefined ? within : [parent, ...within], given, most);
  },
};

const MAX_READ = 999;
const MAX_READ_OUTSIDE_MARKETPLACE = 15;

/** How many messages a call may read. Throws `SlackError` `ratelimited`. */
const takeRead = (slack: Slack, method: string): number => {
  if (slack.cloud.weather.report["slackNonMarketplace"] !== true) return MAX_READ;
  slack.rate.take(method, NON_MARKETPLACE);
  return MAX_READ_OUTSIDE_MARKETPLACE;
};

const presentPage = (slack: Slack, messages: Posted[], given: Arguments, most: number) => {
  const page = paginate(messages, ({ message }) => message.ts, given.text("cursor"), given.limit(Math.min(100, most), most));
  const withMetadata = given.flag("include_all_metadata");
  return {
    messages: page.items.map(posted => ({
      ...presentMessage(posted.message, slack.team.id, slack.url, { withMetadata }),
      ...threadOf(slack, posted),
    })),
    has_more: page.hasMore,
    ...page.metadata,
  };
};

/** The fields of a message about its replies. */
const threadOf = (slack: Slack, { channel, message }: Posted) => {
  const below = slack.workspace.repliesTo(channel, message.ts);
  if (below.length === 0) return {};
  const users = [...new Set(below.map(reply => reply.message.user ?? reply.message.bot_id ?? ""))];
  return {
    thread_ts: message.ts,
    reply_count: below.length,
    reply_users: users.slice(0, 5),
    reply_users_count: users.length,
    latest_reply: below.at(-1)!.message.ts,
  };
};

/** Whether a message is in the channel's history. Replies to a missing parent are. */
const isTopLevel = (slack: Slack, channel: Channel, { thread_ts, ts, subtype }: Posted["message"]) =>
  thread_ts === undefined ||
  thread_ts === ts ||
  subtype === "thread_broadcast" ||
  slack.workspace.find(channel.id, thread_ts) === undefined;

/** `oldest` and `latest`, without these two unless `inclusive`. Throws `SlackError` `invalid_ts_oldest`, `invalid_ts_latest`. */
const readRange = (given: Arguments): ((ts: string) => boolean) => {
  const [oldest, latest] = (["oldest", "latest"] as const).map(name => {
    const ts = given.text(name);
    if (ts !== undefined && !isTimestamp(ts)) throw new SlackError(`invalid_ts_${name}`);
    return ts === undefined ? undefined : microsOf(ts);
  });
  const inclusive = given.flag("inclusive");
  return ts => {
    const micros = microsOf(ts);
    if (micros === oldest || micros === latest) return inclusive;
    return (oldest === undefined || micros > oldest) && (latest === undefined || micros < latest);
  };
};

const findMemberChannel = (slack: Slack, given: Arguments): Channel => {
  const channel = findChannel(slack, given);
  if (!channel.members.includes(slack.bot.userId)) throw new SlackError("not_in_channel");
  return channel;
};

/** Behaves as https://docs.slack.dev/reference/methods/conversations.open; differs: direct messages between two members only. */
const open: Method = {
  scope: "im:write",
  run: async (slack, given) => {
    const id = given.text("channel");
    const users = given.text("users")?.split(",") ?? [];
    if (id === undefined && users.length === 0) throw new SlackError("users_list_not_supplied");
    if (users.length > 1) throw new SlackError("too_many_users");
    if (id === undefined && slack.workspace.person(users[0]!) === undefined) throw new SlackError("user_not_found");
    const before = slack.workspace.channels().length;
    const channel = id === undefined ? await slack.workspace.openDirect(slack.bot.userId, users[0]!) : findChannel(slack, given);
    const known = slack.workspace.channels().length === before;
    return {
      ...(known ? { no_op: true, already_open: true } : {}),
      channel: given.flag("return_im") ? present(slack, channel) : { id: channel.id },
    };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/conversations.members */
const members: Method = {
  readOnly: true,
  scope: scopeFor("read"),
  run: async (slack, given) => {
    const page = paginate(findChannel(slack, given).members, id => id, given.text("cursor"), given.limit(100, 1000));
    return { members: page.items, response_metadata: { next_cursor: "" }, ...page.metadata };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/conversations.join */
const join: Method = {
  scope: "channels:join",
  run: async (slack, given) => {
    const channel = findChannel(slack, given);
    if (channel.kind !== "channel") throw new SlackError("method_not_supported_for_channel_type");
    if (channel.members.includes(slack.bot.userId)) return { channel: present(slack, channel), warning: "already_in_channel" };
    const joined = { ...channel, members: [...channel.members, slack.bot.userId] };
    await slack.workspace.write([slack.workspace.keepChannel(joined)]);
    const text = `<@${slack.bot.userId}> has joined the channel`;
    await slack.post({ channel: joined, message: { subtype: "channel_join", user: slack.bot.userId, text } });
    return { channel: present(slack, joined) };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/conversations.leave */
const leave: Method = {
  scope: scopeFor("write"),
  run: async (slack, given) => {
    const channel = findChannel(slack, given);
    if (channel.kind === "im") throw new SlackError("method_not_supported_for_channel_type");
    if (!channel.members.includes(slack.bot.userId)) return { not_in_channel: true };
    await slack.workspace.write([
      slack.workspace.keepChannel({ ...channel, members: channel.members.filter(member => member !== slack.bot.userId) }),
    ]);
    return {};
  },
};

const conversationsMethods: Record<string, Method> = {
  "conversations.list": list,
  "conversations.info": info,
  "conversations.history": history,
  "conversations.replies": replies,
  "conversations.open": open,
  "conversations.members": members,
  "conversations.join": join,
  "conversations.leave": leave,
};

export { conversationsMethods };
