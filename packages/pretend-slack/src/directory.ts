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

const team = { id: "T0001", name: "Pretend workspace", domain: "pretend" } as const;

const bot = { userId: "UBOT01", botId: "BBOT01", appId: "A0001" } as const;

/** The integration of the outgoing webhook, which is not part of the app and has its own bot id. */
const webhookIntegration = { botId: "B0001", serviceId: "900000000001" } as const;

const people: readonly Member[] = [
  { id: "U0001", name: "ada", realName: "Ada Lindqvist", timeZone: "Europe/Helsinki", isAdmin: true },
  { id: "U0002", name: "ben", realName: "Ben Okafor", timeZone: "Europe/London" },
  { id: "U0003", name: "chiyo", realName: "Chiyo Tanaka", timeZone: "Asia/Tokyo" },
];

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
const isKnownToBot = ({ kind, members }: Channel): boolean => kind === "channel" || members.includes(bot.userId);

/** The members: people, the bot by its name in the app's manifest, and Slackbot. */
const buildMembers = (people: readonly Member[], botName: string): Member[] => [
  ...people,
  { id: bot.userId, name: botName.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_"), realName: botName, timeZone: "UTC", isBot: true },
  slackbot,
];

/** The channel that everybody is in. */
const GENERAL = "C0001";

const buildChannels = (createdSeconds: number): Channel[] => {
  const members = [...people.map(({ id }) => id), bot.userId];
  return [
    { id: GENERAL, kind: "channel", name: "general", topic: "Whatever concerns everyone", createdSeconds, members },
    { id: "C0002", kind: "channel", name: "random", topic: "Whatever concerns nobody", createdSeconds, members },
    { id: "G0001", kind: "group", name: "leadership", topic: "", createdSeconds, members: ["U0001", "U0002", bot.userId] },
  ];
};

export type { Channel, Member };
export { bot, buildChannels, buildMembers, GENERAL, isKnownToBot, kinds, nameForApps, people, slackbot, team, webhookIntegration };
