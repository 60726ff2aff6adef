/** The leaderboard: how it is asked for, which boards there are, and how an answer looks. */
import { escapeMrkdwn } from "#core/mrkdwn";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import type { Kind, TokenCount } from "#core/tokens";

interface TopRequest {
  /** How many of each kind, 1 to 50. */
  limit: number;
  /** Today's boards (UTC) rather than those of all time. */
  today: boolean;
}

const DEFAULT_LIMIT = 10;
/** Two lists of fifty still read well as one message. */
const MAX_LIMIT = 50;
const LIMIT = /^[1-9][0-9]?$/;
// After the trigger word only what can be nothing but the question: `top songs of the year` is something somebody says.
const ASKED_IN_CHAT = /^top((?:\s+[+-]?[0-9]\S*)?(?:\s+today)?)$/iu;

/** Parses `[N] [today]`; what can't be understood comes back as the sentence to answer with. */
const parseTop = (text: string): TopRequest | Problem => {
  const request: TopRequest = { limit: DEFAULT_LIMIT, today: false };
  const words = text
    .replace(/\p{Cf}/gu, "")
    .split(/\s+/)
    .filter(word => word !== "");
  for (const [index, word] of words.entries()) {
    if (word.toLowerCase() === "today" && index === words.length - 1) request.today = true;
    else if (index === 0 && LIMIT.test(word) && Number(word) <= MAX_LIMIT) request.limit = Number(word);
    else
      return {
        problem: `I can't read ${escapeMrkdwn(buildQuote(word))} here: say a whole number from 1 to ${MAX_LIMIT}, or "today", or both.`,
      };
  }
  return request;
};

/** Reads a question for the leaderboard out of what follows a trigger word; undefined when it is none. */
const findTop = (rest: string): TopRequest | Problem | undefined => {
  const asked = ASKED_IN_CHAT.exec(rest);
  return asked === null ? undefined : parseTop(asked[1] ?? "");
};

/** Builds the name of a board: the UTC day and the kind of token. */
const buildBoard = (timeMs: number, kind: Kind): string => `${new Date(timeMs).toISOString().slice(0, 10)}#${kind}`;

const buildList = (title: string, counts: readonly TokenCount[]): string[] =>
  counts.length === 0
    ? []
    : [`*${title}*`, ...counts.map(([token, count], index) => `${index + 1}. \`${escapeMrkdwn(token)}\` = ${count}`)];

/** Builds the answer, as mrkdwn. */
const buildLeaderboard = (request: TopRequest, words: readonly TokenCount[], annotations: readonly TokenCount[]): string => {
  const when = request.today ? " today" : "";
  const lines = [...buildList(`Top words${when}`, words), ...buildList(`Top annotations${when}`, annotations)];
  return lines.length === 0 ? `Nothing has been counted yet${when}.` : lines.join("\n");
};

export type { TopRequest };
export { buildBoard, buildLeaderboard, findTop, parseTop };
