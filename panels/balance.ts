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
  data: { channel: string; private?: boolean; tokens?: Record<string, number> };
}

/** Ends the id of the multiplier's marker, which begins with the id of the message. */
const MULTIPLIER_SUFFIX = "#multiplier";

/**
 * Compares the counts with the accepted messages. A token that occurs n times in all messages, and m times in those that the multiplier has
 * processed, has the count n + factor x m. The factor is the same for all tokens; it is computed from the sums.
 */
const compareCounts = (words: Items, seen: Items): CountsBalance => {
  const envelopes = new Map<string, Envelope>();
  for (const { event_id: id, envelope } of seen.items)
    if (typeof envelope === "string") envelopes.set(String(id), JSON.parse(envelope) as Envelope);
  const ids = seen.items.map(item => String(item["event_id"]));
  const multipliedIds = ids.filter(id => id.endsWith(MULTIPLIER_SUFFIX)).map(id => id.slice(0, -MULTIPLIER_SUFFIX.length));
  const counts = new Map(words.items.map(item => [String(item["word"]), Number(item["count"])]));
  const said = sumTokens(envelopes.values());
  const multiplied = sumTokens(multipliedIds.flatMap(id => envelopes.get(id) ?? []));
  const [saidSum, multipliedSum, countedSum] = [sum(said), sum(multiplied), sum(counts)];
  const factor = multipliedSum === 0 ? 0 : (countedSum - saidSum) / multipliedSum;
  const all = new Set([...counts.keys(), ...said.keys()]);
  const agrees = (token: string) => (counts.get(token) ?? 0) === (said.get(token) ?? 0) + factor * (multiplied.get(token) ?? 0);
  return {
    accepted: envelopes.size,
    multiplied: multipliedIds.length,
    said: saidSum,
    counted: countedSum,
    differing: [...all].filter(token => !agrees(token)),
    incomparable: findObstacle(words, seen, envelopes, multipliedIds),
  };
};

const findObstacle = (words: Items, seen: Items, envelopes: ReadonlyMap<string, Envelope>, multipliedIds: string[]) => {
  if (words.items.length < words.count || seen.items.length < seen.count || words.hasMore || seen.hasMore)
    return "the tables are too large";
  if (multipliedIds.some(id => !envelopes.has(id))) return "messages have expired since they were counted";
  if ([...envelopes.values()].some(({ data }) => data.tokens === undefined)) return "a message is too long to keep its tokens";
  return undefined;
};

const sumTokens = (envelopes: Iterable<Envelope>): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { data } of envelopes) {
    for (const [token, count] of Object.entries(data.tokens ?? {})) {
      // The table keys private words by their conversation.
      const word = data.private === true ? `${data.channel}#${token}` : token;
      sums.set(word, (sums.get(word) ?? 0) + count);
    }
  }
  return sums;
};

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, count) => total + count, 0);

export type { CountsBalance };
export { compareCounts };
