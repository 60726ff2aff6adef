/** The questions of `/words`. */
import { isTop, parseTop, TOP_PARTS, type TopRequest } from "#core/message/leaderboard";
import { splitText } from "#core/message/tokens";
import { isProblem, type Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { escapeMrkdwn } from "#core/slack/mrkdwn";

type WordsQuestion = { name: "top"; request: TopRequest } | { name: "word"; token: string } | { name: "help" };

/** Straight quotes, and those that a keyboard makes of them. */
const QUOTED = /^["\u201c\u201d\u201e](.+)["\u201c\u201d]$/s;

const HELP = [
  "`/words [N] [today | week | month] [here] [mine]`: the most frequent words and hashtags, N of each, in any order. " +
    "`week` is the last 7 days, `month` the last 30, `here` is this conversation, `mine` is what you said yourself.",
  '`/words WORD`: how often a word or hashtag was said. Put a word of this list in quotes: `/words "today"`.',
].join("\n");

/** Parses the text after `/words`. Returns the sentence to answer with if it is no question. */
const parseWordsQuestion = (text: string): WordsQuestion | Problem => {
  const said = text.trim();
  const quoted = QUOTED.exec(said)?.[1];
  if (quoted !== undefined) return parseWord(quoted);
  if (said.toLowerCase() === "help") return { name: "help" };
  if (!isTop(said)) return parseWord(said);
  const request = parseTop(said);
  return isProblem(request) ? request : { name: "top", request };
};

const parseWord = (text: string): WordsQuestion | Problem => {
  const [token, ...others] = splitText(text);
  if (token !== undefined && others.length === 0) return { name: "word", token };
  return { problem: `I can't read ${escapeMrkdwn(buildQuote(text))}: say one word or hashtag, or ${TOP_PARTS}.` };
};

export type { WordsQuestion };
export { HELP, parseWordsQuestion };
