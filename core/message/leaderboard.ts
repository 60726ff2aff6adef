/** The leaderboard: parses the question and builds the answer. */

import type { TokenCount } from "#core/message/tokens";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { escapeMrkdwn } from "#core/slack/mrkdwn";

interface TopRequest {
  /** How many of each kind, 1 to 50. */
  limit: number;
  /** Whether to show today's counts (UTC) instead of all counts. */
  today: boolean;
  /** Whether to show the counts of this conversation instead of the public ones. */
  here: boolean;
}

const DEFAULT_LIMIT = 10;
/** Two lists of fifty are still readable in one message. */
const MAX_LIMIT = 50;
const LIMIT = /^[1-9][0-9]?$/;
const LIKE_A_NUMBER = /^[+-]?[0-9]/;

/** Tells which part of a question a word is. A number may still be out of range. */
const partOf = (word: string): keyof TopRequest | undefined => {
  const lower = word.toLowerCase();
  if (lower === "today" || lower === "here") return lower;
  return LIKE_A_NUMBER.test(word) ? "limit" : undefined;
};

/** Parses `[N] [today] [here]` in any order. Returns the sentence to answer with if the text is invalid. */
const parseTop = (text: string): TopRequest | Problem => {
  const words = text
    .replace(/\p{Cf}/gu, "")
    .split(/\s+/)
    .filter(word => word !== "");
  const asked: Partial<TopRequest> = {};
  for (const word of words) {
    const part = partOf(word);
    const isWrong = part === undefined || part in asked || (part === "limit" && !(LIMIT.test(word) && Number(word) <= MAX_LIMIT));
    if (isWrong)
      return {
        problem: `I can't read ${escapeMrkdwn(buildQuote(word))}: say a whole number from 1 to ${MAX_LIMIT}, "today" or "here", in any order, each at most once.`,
      };
    if (part === "limit") asked.limit = Number(word);
    else asked[part] = true;
  }
  return { limit: DEFAULT_LIMIT, today: false, here: false, ...asked };
};

/**
 * Parses the text after a trigger word as a question for the leaderboard. Returns undefined for anything ambiguous: `top songs of the year`
 * is an ordinary message.
 */
const findTop = (rest: string): TopRequest | Problem | undefined => {
  const [top = "", ...words] = rest.split(/\s+/);
  const parts = words.map(partOf);
  const isQuestion = top.toLowerCase() === "top" && !parts.includes(undefined) && new Set(parts).size === parts.length;
  return isQuestion ? parseTop(words.join(" ")) : undefined;
};

const buildList = (title: string, counts: readonly TokenCount[]): string[] =>
  counts.length === 0
    ? []
    : [`*${title}*`, ...counts.map(([token, count], index) => `${index + 1}. \`${escapeMrkdwn(token)}\` = ${count}`)];

/** Builds the answer, as mrkdwn. */
const buildLeaderboard = (request: TopRequest, words: readonly TokenCount[], annotations: readonly TokenCount[]): string => {
  const [where, when] = [request.here ? " here" : "", request.today ? " today" : ""];
  const lines = [...buildList(`Top words${where}${when}`, words), ...buildList(`Top annotations${where}${when}`, annotations)];
  return lines.length === 0 ? `Nothing has been counted${where} yet${when}.` : lines.join("\n");
};

export type { TopRequest };
export { buildLeaderboard, findTop, parseTop };
