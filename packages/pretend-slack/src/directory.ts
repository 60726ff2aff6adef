/** The initial members and channels of the pretend workspace. */

interface Member {
  id: string;
  /** The handle, without the at sign. */
  name: string;
  realName: string;
  /** IANA time zone. */
  timeZone: string;
  isAdmin?: boolean;
  isBot?: boolean;
}

interface Channel {
  id: string;
  /** The `channel_type` of events: a public channel, a private one, direct messages. */
  kind: "channel" | "group" | "im";
  /** Empty for direct messages. */
  name: string;
  topic: string;
  createdSeconds: number;
  members: string[];
}

/** The bot user of the app in a workspace. */
interface Bot {
  userId: string;
  botId: string;
  appId: string;
}

/** A workspace as it is at first. */
interface Team {
  id: string;
  name: string;
  domain: string;
  bot: Bot;
  people: readonly Member[];
  /** The channel that everybody is in. */
  general: string;
  /** Channels, direct messages and people who join are numbered from here, so that no two workspaces share an id. */
  lastNumber: number;
  channels: readonly Pick<Channel, "id" | "kind" | "name" | "topic" | "members">[];
}

/** The organisation that holds both workspaces. */
const enterprise = { id: "E0001", name: "Pretend organisation" } as const;

/** The integration of the outgoing webhook, which is not part of the app and has its own bot id. */
const webhookIntegration = { botId: "B0001", serviceId: "900000000001" } as const;

const firstTeam: Team = {
  id: "T0001",
  name: "Pretend workspace",
  domain: "pretend",
  bot: { userId: "UBOT01", botId: "BBOT01", appId: "A0001" },
  people: [
    { id: "U0001", name: "ada", realName: "Ada Lindqvist", timeZone: "Europe/Helsinki", isAdmin: true },
    { id: "U0002", name: "ben", realName: "Ben Okafor", timeZone: "Europe/London" },
    { id: "U0003", name: "chiyo", realName: "Chiyo Tanaka", timeZone: "Asia/Tokyo" },
  ],
  general: "C0001",
  lastNumber: 0,
  channels: [
    { id: "C0001", kind: "channel", name: "general", topic: "Whatever concerns everyone", members: ["U0001", "U0002", "U0003", "UBOT01"] },
    { id: "C0002", kind: "channel", name: "random", topic: "Whatever concerns nobody", members: ["U0001", "U0002", "U0003", "UBOT01"] },
    { id: "G0001", kind: "group", name: "leadership", topic: "", members: ["U0001", "U0002", "UBOT01"] },
  ],
};

const secondTeam: Team = {
  id: "T0002",
  name: "Second workspace",
  domain: "second",
  bot: { userId: "UBOT02", botId: "BBOT02", appId: "A0001" },
  people: [
    { id: "U1001", name: "dora", realName: "Dora Marchetti", timeZone: "Europe/Rome", isAdmin: true },
    { id: "U1002", name: "emil", realName: "Emil Sandoval", timeZone: "America/Bogota" },
  ],
  general: "C1001",
  lastNumber: 1000,
  channels: [{ id: "C1001", kind: "channel", name: "general", topic: "Whatever concerns everyone", members: ["U1001", "U1002", "UBOT02"] }],
};

const teams: readonly Team[] = [firstTeam, secondTeam];

const slackbot: Member = { id: "USLACKBOT", name: "slackbot", realName: "Slackbot", timeZone: "America/Los_Angeles" };

/** The names of each kind of conversation in scopes and subscriptions, and in the types of conversations.list. */
const kinds = {
  channel: { scope: "channels", type: "public_channel" },
  group: { scope: "groups", type: "private_channel" },
  im: { scope: "im", type: "im" },
} as const satisfies Record<Channel["kind"], { scope: string; type: string }>;

/** The name of a conversation in commands, webhooks and clicks: only public channels have their own. */
const nameForApps = ({ kind, name }: Channel): string => ({ channel: name, group: "privategroup", im: "directmessage" })[kind];

/** Whether the app can see a conversation: it is public, or the bot is a member. */
const isKnownToBot = ({ kind, members }: Channel): boolean => kind === "channel" || members.some(isBot);

const isBot = (userId: string) => teams.some(({ bot }) => bot.userId === userId);

/** The members: people, the bot of an installed app by its name in the manifest, and Slackbot. */
const buildMembers = (people: readonly Member[], bot: Bot, botName: string | undefined): Member[] => [
  ...people,
  ...(botName === undefined
    ? []
    : [{ id: bot.userId, name: botName.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_"), realName: botName, timeZone: "UTC", isBot: true }]),
  slackbot,
];

/** The first channels of a workspace. The bot is in them if the app is installed: in Slack a person would invite it. */
const buildChannels = ({ channels, bot }: Team, createdSeconds: number, isInstalled: boolean): Channel[] =>
  channels.map(channel => ({
    ...channel,
    createdSeconds,
    members: channel.members.filter(member => isInstalled || member !== bot.userId),
  }));

export type { Bot, Channel, Member, Team };
export { buildChannels, buildMembers, enterprise, firstTeam, isKnownToBot, kinds, nameForApps, slackbot, teams, webhookIntegration };
