/** The leaderboard: parses the question and builds the answer. */

import { dayOf, EVER } from "#core/message/count-keys";
import type { TokenCount } from "#core/message/tokens";
import { isProblem, type Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { escapeMrkdwn } from "#core/slack/mrkdwn";

/** Which days count: all, today (UTC), or the last 7 or 30 days including today. */
type Window = "ever" | "today" | "week" | "month";

interface TopRequest {
  /** How many of each kind, 1 to 50. */
  limit: number;
  window: Window;
  /** Whether to show the counts of this conversation instead of the public ones. */
  here: boolean;
  /** Whether to show only what the person who asks has said. */
  mine: boolean;
}

const DEFAULT_LIMIT = 10;
/** Two lists of fifty are still readable in one message. */
const MAX_LIMIT = 50;
/** What a question may contain, for sentences about mistakes. */
const TOP_PARTS = `a whole number from 1 to ${MAX_LIMIT}, one of "today", "week" and "month", "here" and "mine", each at most once`;
const LIMIT = /^[1-9][0-9]?$/;
const LIKE_A_NUMBER = /^[+-]?[0-9]/;

const DAY_MS = 86_400_000;
const DAYS: Record<Exclude<Window, "ever">, number> = { today: 1, week: 7, month: 30 };
const SHOWN_WINDOWS: Record<Window, string> = { ever: "", today: " today", week: " in the last 7 days", month: " in the last 30 days" };
const WINDOWS = Object.keys(SHOWN_WINDOWS) as Window[];

const isWindow = (word: string): word is keyof typeof DAYS => Object.hasOwn(DAYS, word);

/** Lists the periods whose boards add up to a window, the latest first. */
const buildPeriods = (window: Window, nowMs: number): string[] =>
  window === "ever" ? [EVER] : Array.from({ length: DAYS[window] }, (_, daysAgo) => dayOf(nowMs - daysAgo * DAY_MS));

/** Tells which part of a question a word is. A number may still be out of range. */
const partOf = (word: string): keyof TopRequest | undefined => {
  const lower = word.toLowerCase();
  if (isWindow(lower)) return "window";
  if (lower === "here" || lower === "mine") return lower;
  return LIKE_A_NUMBER.test(word) ? "limit" : undefined;
};

/** The words of a question, without invisible characters. */
const splitQuestion = (text: string): string[] =>
  text
    .replace(/\p{Cf}/gu, "")
    .split(/\s+/)
    .filter(word => word !== "");

/** Tells whether a text has only parts of a question for the leaderboard. A number may still be out of range. */
const isTop = (text: string): boolean => splitQuestion(text).every(word => partOf(word) !== undefined);

/** Parses `[N] [today | week | month] [here] [mine]` in any order. Returns the sentence to answer with if the text is invalid. */
const parseTop = (text: string): TopRequest | Problem => {
  const asked: Partial<TopRequest> = {};
  for (const word of splitQuestion(text)) {
    const part = partOf(word);
    const isWrong = part === undefined || part in asked || (part === "limit" && !(LIMIT.test(word) && Number(word) <= MAX_LIMIT));
    if (isWrong) return { problem: `I can't read ${escapeMrkdwn(buildQuote(word))}: say ${TOP_PARTS}.` };
    if (part === "limit") asked.limit = Number(word);
    else if (part === "window") asked.window = word.toLowerCase() as Window;
    else asked[part] = true;
  }
  return { limit: DEFAULT_LIMIT, window: "ever", here: false, mine: false, ...asked };
};

/**
 * Parses the text after a trigger word as a question for the leaderboard. Returns undefined for anything ambiguous: `top songs of the year`
 * is an ordinary message. What somebody said is refused with a sentence, because everybody would see the answer.
 */
const findTop = (rest: string): TopRequest | Problem | undefined => {
  const [top = "", ...words] = splitQuestion(rest);
  const parts = words.map(partOf);
  const isQuestion = top.toLowerCase() === "top" && !parts.includes(undefined) && new Set(parts).size === parts.length;
  if (!isQuestion) return undefined;
  const request = parseTop(words.join(" "));
  return !isProblem(request) && request.mine ? { problem: "Everybody would see your words here. Ask with `/words mine`." } : request;
};

/** Adds up the days of each window: `days` has the counts of the periods of a month, the latest first. */
const buildWindowCounts = (ever: number, days: readonly number[]): Record<Window, number> => {
  const addUp = (window: keyof typeof DAYS) => days.slice(0, DAYS[window]).reduce((total, count) => total + count, 0);
  return { ever, today: addUp("today"), week: addUp("week"), month: addUp("month") };
};

/** The counts that are kept of one token. */
type WordCountsShown = Partial<Record<"everywhere" | "here", Partial<Record<Window, number>>>>;

/** Builds the answer about one token, as mrkdwn: its public counts, and those of the conversation. */
const buildWordCounts = (token: string, counts: WordCountsShown): string => {
  const shown = `\`${escapeMrkdwn(token)}\``;
  const lines = (["everywhere", "here"] as const).flatMap(scope =>
    WINDOWS.flatMap(window => {
      const label = `${scope === "here" ? "here" : ""}${SHOWN_WINDOWS[window]}`.trim() || "all time";
      const count = counts[scope]?.[window];
      return count === undefined ? [] : [{ count, text: `${label} = ${count}` }];
    }),
  );
  if (lines.every(({ count }) => count === 0)) return `${shown} has not been counted yet.`;
  return [`*Counts of* ${shown}`, ...lines.map(({ text }) => text)].join("\n");
};

const buildList = (title: string, counts: readonly TokenCount[]): string[] =>
  counts.length === 0 ? [] : [`*${title}*`, ...counts.map(([token, count], index) => `${index + 1}. \`${token}\` = ${count}`)];

/** Shown below a person's own lists after `/words off`. */
const OFF_HINT = "What you say doesn't count here since `/words off`. `/words on` counts it again.";

/** Builds the answer, as mrkdwn. */
const buildLeaderboard = (request: TopRequest, words: readonly TokenCount[], annotations: readonly TokenCount[]): string => {
  const [where, when] = [request.here ? " here" : "", SHOWN_WINDOWS[request.window]];
  const [top, nothing] = request.mine ? ["Your top", "Nothing that you said"] : ["Top", "Nothing"];
  const lines = [...buildList(`${top} words${where}${when}`, words), ...buildList(`${top} hashtags${where}${when}`, annotations)];
  return lines.length === 0 ? `${nothing} has been counted${where} yet${when}.` : escapeMrkdwn(lines.join("\n"));
};

/** Builds the text of the weekly digest, as mrkdwn that is still to be escaped; undefined if nothing was counted. */
const buildDigest = (words: readonly TokenCount[], annotations: readonly TokenCount[]): string | undefined =>
  [...buildList("Words", words), ...buildList("Hashtags", annotations)].join("\n") || undefined;

export type { TopRequest };
export { buildDigest, buildLeaderboard, buildPeriods, buildWindowCounts, buildWordCounts, findTop, isTop, OFF_HINT, parseTop, TOP_PARTS };
