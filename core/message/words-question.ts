/** The questions of `/words`. */
import { isTop, parseTop, TOP_PARTS, type TopRequest } from "#core/message/leaderboard";
import { splitText } from "#core/message/tokens";
import { isProblem, type Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { escapeMrkdwn } from "#core/slack/mrkdwn";

/** What is asked by one word alone. */
const KEYWORDS = ["off", "on", "forget", "help"] as const;
type Keyword = (typeof KEYWORDS)[number];

type WordsQuestion = { name: "top"; request: TopRequest } | { name: "word"; token: string } | { name: Keyword };

/** Straight quotes, and those that a keyboard makes of them. */
const QUOTED = /^["\u201c\u201d\u201e](.+)["\u201c\u201d]$/s;

const HELP = [
  "`/words [N] [today | week | month] [here] [mine]`: the most frequent words and hashtags, N of each, in any order. " +
    "`week` is the last 7 days, `month` the last 30, `here` is this conversation, `mine` is what you said yourself.",
  '`/words WORD`: how often a word or hashtag was said. Put a word of this list in quotes: `/words "today"`.',
  "`/words off`, `/words on`: keeps what you say from then on out of your own lists (`mine`), or counts it again. " +
    "`/words forget` empties your own lists.",
].join("\n");

/** The answers to changes. */
const CHANGED: Record<Exclude<Keyword, "help">, string> = {
  off:
    "What you say from now on doesn't count in your own lists (`/words mine`). It still counts for everybody. `/words on` counts it again, and " +
    "`/words forget` empties your lists.",
  on: "What you say from now on counts in your own lists (`/words mine`).",
  forget:
    "Your own lists (`/words mine`) are empty. Their counts will be deleted within some minutes. What you said still counts for everybody. " +
    "`/words off` keeps your lists empty.",
};

/** Parses the text after `/words`. Returns the sentence to answer with if it is no question. */
const parseWordsQuestion = (text: string): WordsQuestion | Problem => {
  const said = text.trim();
  const quoted = QUOTED.exec(said)?.[1];
  if (quoted !== undefined) return parseWord(quoted);
  const keyword = KEYWORDS.find(name => name === said.toLowerCase());
  if (keyword !== undefined) return { name: keyword };
  if (!isTop(said)) return parseWord(said);
  const request = parseTop(said);
  return isProblem(request) ? request : { name: "top", request };
};

const parseWord = (text: string): WordsQuestion | Problem => {
  const [token, ...others] = splitText(text);
  if (token !== undefined && others.length === 0) return { name: "word", token };
  return { problem: `I can't read ${escapeMrkdwn(buildQuote(text))}. Ask for one word or hashtag, or for a list with ${TOP_PARTS}.` };
};

export type { WordsQuestion };
export { CHANGED, HELP, parseWordsQuestion };
