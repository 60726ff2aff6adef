/** Who and what is in the pretend workspace from the beginning. */

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
  kind: "channel" | "im";
  /** Empty for direct messages. */
  name: string;
  topic: string;
  createdSeconds: number;
  members: string[];
}

const team = { id: "T0001", name: "Pretend workspace", domain: "pretend" } as const;

const bot = { userId: "UBOT01", botId: "BBOT01", appId: "A0001" } as const;

/** The outgoing webhook's integration: older than apps, with a bot id of its own. */
const webhookIntegration = { botId: "B0001", serviceId: "900000000001" } as const;

const people: readonly Member[] = [
  { id: "U0001", name: "ada", realName: "Ada Lindqvist", timeZone: "Europe/Helsinki", isAdmin: true },
  { id: "U0002", name: "ben", realName: "Ben Okafor", timeZone: "Europe/London" },
  { id: "U0003", name: "chiyo", realName: "Chiyo Tanaka", timeZone: "Asia/Tokyo" },
];

const slackbot: Member = { id: "USLACKBOT", name: "slackbot", realName: "Slackbot", timeZone: "America/Los_Angeles" };

const isPerson = (id: string) => people.some(person => person.id === id);

/** The bot user is named as the app's manifest says. */
const buildMembers = (botName: string): Member[] => [
  ...people,
  { id: bot.userId, name: botName.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_"), realName: botName, timeZone: "UTC", isBot: true },
  slackbot,
];

const buildChannels = (createdSeconds: number): Channel[] => {
  const members = [...people.map(({ id }) => id), bot.userId];
  return [
    { id: "C0001", kind: "channel", name: "general", topic: "Whatever concerns everyone", createdSeconds, members },
    { id: "C0002", kind: "channel", name: "random", topic: "Whatever concerns nobody", createdSeconds, members },
  ];
};

export type { Channel, Member };
export { bot, buildChannels, buildMembers, isPerson, people, slackbot, team, webhookIntegration };
