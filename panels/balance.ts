/** Compares the counts in the words table with the messages in the seen table. */
import type { Items } from "@slack-fanout/laptop-cloud/protocol";

interface CountsBalance {
  /** Number of accepted messages, and how many of them the multiplier has processed. */
  accepted: number;
  multiplied: number;
  /** Number of tokens in the messages, and the sum of all counts. */
  said: number;
  counted: number;
  /** Tokens whose counts do not match the messages. */
  differing: string[];
  /** Why the counts can't be compared; undefined if they can. */
  incomparable: string | undefined;
}

interface Envelope {
  id: string;
  type: string;
  data: { team: string; channel: string; ts: string; private?: boolean; tokens?: Record<string, number> };
}

/** What an effect has counted for a message: a row of the table `seen`, with the key `TEAM-CHANNEL-TS#EFFECT`. */
interface Version {
  team: string;
  channel: string;
  /** When the message was said, epoch milliseconds. */
  atMs: number;
  private: boolean;
  times: number;
  /** JSON; deflated if it is long. */
  counts: string;
}

type Said = Pick<Version, "team" | "channel" | "private" | "times">;

type Versions = ReadonlyMap<string, Version>;

const COUNTER = "#counter";
const MULTIPLIER = "#multiplier";

/**
 * Compares the counts with what the door and the multiplier have counted for the latest version of each message. The tokens of a message
 * that nobody has counted are expected in the counts, too.
 */
const compareCounts = (words: Items, seen: Items, byTeam: boolean): CountsBalance => {
  const messages = readMessages(seen);
  const [counted, multiplied] = [readVersions(seen, COUNTER), readVersions(seen, MULTIPLIER)];
  const said = new Map<string, number>();
  const addTokens = (sums: Map<string, number>, version: Said, tokens: readonly [string, number][]) => {
    for (const [token, count] of tokens) {
      const word = keyOfWord(version, token, byTeam);
      sums.set(word, (sums.get(word) ?? 0) + count * version.times);
    }
  };
  for (const version of counted.values()) addTokens(said, version, parseCounts(version));
  for (const { data } of messages) {
    const isCounted = counted.has(`${keyOf(data)}${COUNTER}`);
    if (!isCounted) addTokens(said, { ...data, private: data.private === true, times: 1 }, Object.entries(data.tokens ?? {}));
  }
  const expected = new Map(said);
  for (const version of multiplied.values()) addTokens(expected, version, parseCounts(version));
  const counts = new Map(words.items.map(item => [String(item["word"]), Number(item["count"])]));
  const all = new Set([...counts.keys(), ...expected.keys()]);
  return {
    accepted: messages.length,
    multiplied: multiplied.size,
    said: sum(said),
    counted: sum(counts),
    differing: [...all].filter(token => (counts.get(token) ?? 0) !== (expected.get(token) ?? 0)),
    incomparable: findObstacle(words, seen, [...counted.values(), ...multiplied.values()], multiplied),
  };
};

const readMessages = ({ items }: Items): Envelope[] =>
  items
    .flatMap(({ envelope }) => (typeof envelope === "string" ? [JSON.parse(envelope) as Envelope] : []))
    .filter(({ type }) => type === "slack.message");

const keyOf = ({ team, channel, ts }: Envelope["data"]) => `${team}-${channel}-${ts}`;

const readVersions = ({ items }: Items, effect: string): Versions =>
  new Map(
    items
      .filter(({ event_id: id, counts }) => String(id).endsWith(effect) && typeof counts === "string")
      .map(({ event_id: id, private: isPrivate, times, counts }) => {
        const [team = "", channel = "", ts = ""] = String(id).split("-");
        return [
          String(id),
          { team, channel, atMs: Number.parseFloat(ts) * 1000, private: isPrivate === true, times: Number(times), counts: String(counts) },
        ];
      }),
  );

const parseCounts = ({ counts }: Version) => (isReadable(counts) ? (JSON.parse(counts) as [string, number][]) : []);

const isReadable = (counts: string) => counts.startsWith("[");

const findObstacle = (words: Items, seen: Items, versions: Version[], multiplied: Versions) => {
  if (words.items.length < words.count || seen.items.length < seen.count || words.hasMore || seen.hasMore)
    return "the tables are too large";
  if (versions.some(({ counts }) => !isReadable(counts))) return "a message is too long to read its tokens";
  const markers = seen.items.map(item => String(item["event_id"])).filter(id => id.endsWith(MULTIPLIER) && !multiplied.has(id));
  // A marker begins with the id of the message, which ends with the door.
  if (markers.some(id => !multiplied.has(id.replace(/-[a-z]+#/, "#")))) return "an earlier release counted some messages";
  return undefined;
};

/** The table keys private words by their conversation and, if it holds many workspaces, all words by their workspace. */
const keyOfWord = ({ team, channel, private: isPrivate }: Omit<Said, "times">, token: string, byTeam: boolean) =>
  `${byTeam ? `${team}#` : ""}${isPrivate ? `${channel}#` : ""}${token}`;

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, count) => total + count, 0);

export type { CountsBalance };
export { COUNTER, compareCounts, keyOfWord, MULTIPLIER, parseCounts, readVersions };
