/** Whether what was counted agrees with what was said, by the tables that the stack names. */
import type { Items } from "../packages/laptop-cloud/page/control";

interface WordsBalance {
  /** Messages that were accepted, and of those the ones whose tokens are multiplied. */
  accepted: number;
  multiplied: number;
  /** Tokens that were said, and the sum of all counts. */
  said: number;
  counted: number;
  /** Tokens whose counts do not follow from what was said. */
  differing: string[];
  /** Why they can't be compared; undefined when they were. */
  incomparable: string | undefined;
}

interface Envelope {
  data: { channel: string; private?: boolean; tokens?: Record<string, number> };
}

/** A subscriber's marker is the message's with its name behind a hash. */
const multiplierMark = "#multiplier";

/**
 * Compares the counts with the messages that were accepted: a token said n times in messages of which m are multiplied counts
 * n + factor x m, with one factor for all tokens. The factor is taken from the counts themselves.
 */
const balanceWords = (words: Items, seen: Items): WordsBalance => {
  const envelopes = new Map<string, Envelope>();
  for (const { event_id: id, envelope } of seen.items)
    if (typeof envelope === "string") envelopes.set(String(id), JSON.parse(envelope) as Envelope);
  const ids = seen.items.map(item => String(item["event_id"]));
  const multipliedIds = ids.filter(id => id.endsWith(multiplierMark)).map(id => id.slice(0, -multiplierMark.length));
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
    incomparable: incomparableBecause(words, seen, envelopes, multipliedIds),
  };
};

const incomparableBecause = (words: Items, seen: Items, envelopes: ReadonlyMap<string, Envelope>, multipliedIds: string[]) => {
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
      // As the table keys it: what is said in private is counted under its conversation.
      const word = data.private === true ? `${data.channel}#${token}` : token;
      sums.set(word, (sums.get(word) ?? 0) + count);
    }
  }
  return sums;
};

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, count) => total + count, 0);

export type { WordsBalance };
export { balanceWords };
