/** The grammar of `/dibs`: parses text into a command, or returns the sentence to answer with. */
import { findClosest } from "#core/dibs/closest";
import { parseDuration, parseTurnLength } from "#core/dibs/duration";
import { parseName, RESERVED } from "#core/dibs/name";
import { MAX_REASON_CHARACTERS } from "#core/dibs/queue";
import { isTime } from "#core/dibs/until";
import { isProblem, type Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { unescapeMrkdwn } from "#core/slack/mrkdwn";

/** The requested duration of a turn, and the reason. A time of day is parsed later, in the user's time zone. */
interface TurnRequest {
  /** Null for an open turn. */
  forSeconds?: number | null;
  until?: string;
  reason?: string;
}

/** A command that takes only a name. */
type Named<Say extends string> = Say extends string ? { say: Say; name: string } : never;

type DibsCommand =
  | { say: "overview" }
  | { say: "list" }
  | { say: "queues" }
  | { say: "help" }
  | ({ say: "on"; name: string } & TurnRequest)
  | ({ say: "next"; name: string } & TurnRequest)
  | { say: "off"; name?: string }
  | { say: "off-all" }
  | { say: "extend"; name: string; byMs: number }
  | Named<"who" | "watch" | "unwatch" | "bump" | "history" | "add" | "remove">
  | { say: "rename"; name: string; to: string }
  | { say: "kick"; user: string; name: string }
  | { say: "approve-only"; on: boolean }
  | { say: "token" }
  | { say: "tokens" }
  | { say: "revoke"; id: string };

type Parsed<T> = T | Problem;

const MENTION = /^<@([UW][A-Z0-9]{2,63})(?:\|[^>]*)?>$/;
const ANGLE_BRACKETS = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;

/** Converts Slack's text to plain text: a mention or a link becomes its label, or else its id or address. */
const toPlain = (text: string): string =>
  unescapeMrkdwn(
    text.replace(ANGLE_BRACKETS, (_, kind: string, target: string, label = "") =>
      kind === "" ? label || target : `${kind}${label || target}`,
    ),
  );

/** What people put around a name: our own answers show it as code. The look-behind allows a match only at the beginning of such characters. */
const DECORATION = /^[`"'“”‘’*~]+|(?<![`"'“”‘’*~,;:])[`"'“”‘’*~,;:]+$/g;

const readName = (text: string | undefined, usage: string): Parsed<string> => {
  if (text === undefined || text === "") return { problem: `Say which: \`${usage}\`.` };
  // Recognize a mention before it becomes plain text.
  if (/^<[@#!]/.test(text)) return parseName(text);
  return parseName(toPlain(text).replace(DECORATION, ""));
};

/** Shortens a long reason: it must not prevent a claim. */
const readReason = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const characters = Array.from(toPlain(text).trim());
  if (characters.length <= MAX_REASON_CHARACTERS) return characters.join("") || undefined;
  return `${characters.slice(0, MAX_REASON_CHARACTERS - 3).join("")}...`;
};

/** Splits off `because R`. The look-behind allows a match only at the beginning of white space, so this takes linear time. */
const splitReason = (text: string): [span: string, because: string | undefined] => {
  const found = /(?:^|(?<!\s)\s+)because(?:\s+|$)/i.exec(text);
  return found === null ? [text, undefined] : [text.slice(0, found.index), text.slice(found.index + found[0].length)];
};

const TIME_WORDS = ["for", "until", "till"];
const isTimeWord = (word: string): boolean => TIME_WORDS.includes(word.toLowerCase());

/** Parses `for D`, `until T`, or just D or T; undefined for anything else. */
const readTime = (text: string): Parsed<TurnRequest> | undefined => {
  const [first, rest] = splitFirst(text);
  const isFor = first.toLowerCase() === "for";
  if (isTimeWord(first) && !isFor) return rest === "" ? undefined : { until: toPlain(rest) };
  const asked = toPlain(isFor ? rest : text);
  if (!isFor && isTime(asked)) return { until: asked };
  const forSeconds = parseTurnLength(asked);
  if (!isProblem(forSeconds)) return { forSeconds };
  return isFor && rest !== "" ? forSeconds : undefined;
};

/** Tells whether a text is a time, with or without `for` or `until`. */
const isTimeText = (text: string): boolean => {
  const time = readTime(text);
  return time !== undefined && !isProblem(time) && (time.until === undefined || isTime(time.until));
};

/** Splits a time from the end of a reason: `because we test for 2h`. Only a valid time counts, because a reason can contain such words. */
const splitTime = (reason: string): [reason: string, time: string] => {
  const said = reason.toLowerCase();
  const at = Math.max(...TIME_WORDS.map(word => said.lastIndexOf(` ${word} `)));
  const time = at < 1 ? "" : reason.slice(at + 1);
  return time !== "" && isTimeText(time) ? [reason.slice(0, at), time] : [reason, ""];
};

/** Parses `[for D | until T] [because R]`. The time may also come last. */
const readTurnRequest = (text: string, usage: string): Parsed<TurnRequest> => {
  const [before, because] = splitReason(text.trim());
  const [why, after] = before.trim() === "" && because !== undefined ? splitTime(because) : [because, ""];
  const reason = readReason(why);
  const given = reason === undefined ? {} : { reason };
  const span = before.trim() || after;
  if (span === "") return given;
  const time = readTime(span);
  if (time === undefined) return { problem: `I can't read ${buildQuote(toPlain(span))} here: \`${usage}\`.` };
  return isProblem(time) ? time : { ...time, ...given };
};

/** Rewrites `for D [on] NAME [because R]` as `NAME for D [because R]`; undefined for any other text. */
const putNameFirst = (text: string): string | undefined => {
  const [before, because] = splitReason(text);
  const words = before.trim().split(/\s+/);
  const name = words.pop();
  if (words.at(-1)?.toLowerCase() === "on") words.pop();
  const time = words.join(" ");
  if (name === undefined || words.length < 2 || !isTimeText(time)) return undefined;
  return `${name} ${time}${because === undefined ? "" : ` because ${because}`}`;
};

const ON = "/dibs on staging [for 45 minutes | until 17:30] [because ...]";
const NEXT = "/dibs next staging [for 45 minutes | until 17:30] because ...";

/** Splits off the first word. */
const splitFirst = (text: string): [first: string, rest: string] => {
  const [, first = "", rest = ""] = /^(\S*)\s*(.*)$/s.exec(text.trim()) ?? [];
  return [first, rest];
};

const readClaim = (say: "on" | "next", rest: string): Parsed<DibsCommand> => {
  const usage = say === "on" ? ON : NEXT;
  const isTimeFirst = isTimeWord(splitFirst(rest)[0]) && splitFirst(rest)[1] !== "";
  const named = isTimeFirst ? putNameFirst(rest) : rest;
  if (named === undefined) return { problem: `Say which: \`${usage}\`.` };
  const [first, more] = splitFirst(named);
  const name = readName(first, usage);
  if (isProblem(name)) return name;
  const wish = readTurnRequest(more, usage);
  if (isProblem(wish)) return wish;
  if (say === "next" && wish.reason === undefined) return { problem: `Say why you go first: \`${NEXT}\`.` };
  return { say, name, ...wish };
};

const readOff = (rest: string): Parsed<DibsCommand> => {
  if (rest === "") return { say: "off" };
  if (rest.toLowerCase() === RESERVED) return { say: "off-all" };
  return readNamed("off", rest);
};

const readNamed = <Say extends "off" | "who" | "watch" | "unwatch" | "bump" | "history" | "add" | "remove">(
  say: Say,
  rest: string,
): Parsed<{ say: Say; name: string }> => {
  const usage = `/dibs ${say} staging`;
  const [first, more] = splitFirst(rest);
  const name = readName(first, usage);
  if (isProblem(name)) return name;
  return more === "" ? { say, name } : { problem: `I can't read ${buildQuote(toPlain(more))} here: \`${usage}\`.` };
};

const readQueue = (rest: string): Parsed<DibsCommand> =>
  rest === "" || rest.toLowerCase() === RESERVED ? { say: "queues" } : readNamed("who", rest);

const readExtend = (rest: string): Parsed<DibsCommand> => {
  const usage = "/dibs extend staging by 1h";
  const words = rest.split(/\s+/);
  // The time may come first: `extend by 1h staging`.
  const isTimeFirst = /^(?:by|for)$/i.test(words[0] ?? "") && words.length > 2;
  const [first = "", ...others] = isTimeFirst
    ? [words.pop(), ...words.filter((word, index) => index < words.length - 1 || word !== "on")]
    : words;
  const name = readName(first, usage);
  if (isProblem(name)) return name;
  const asked = others.join(" ").replace(/^(?:by|for) /i, "");
  if (asked === "") return { problem: `Say by how long: \`${usage}\`.` };
  const seconds = parseDuration(toPlain(asked));
  return isProblem(seconds) ? seconds : { say: "extend", name, byMs: seconds * 1000 };
};

/** Parses a text that begins with a time: a claim, or `for 1h extend staging`. */
const readTimeFirst = (word: "for" | "by", rest: string): Parsed<DibsCommand> => {
  const words = rest.split(/\s+/);
  const isExtension = words.length > 2 && words.at(-2)?.toLowerCase() === "extend" && splitReason(rest)[1] === undefined;
  if (isExtension) return readExtend([words.at(-1), word, ...words.slice(0, -2)].join(" "));
  return word === "for" ? readClaim("on", `for ${rest}`) : { problem: "Say what to extend: `/dibs extend staging by 1h`." };
};

const readKick = (rest: string): Parsed<DibsCommand> => {
  const usage = "/dibs kick @somebody off staging";
  const words = rest.split(/\s+/).filter(word => !/^(?:off|from)$/i.test(word));
  const who = words.find(word => MENTION.test(word)) ?? "";
  const [, user] = MENTION.exec(who) ?? [];
  if (user === undefined || words.length !== 2) return { problem: `Say whom, and off what: \`${usage}\`.` };
  const read = readName(
    words.find(word => word !== who),
    usage,
  );
  return isProblem(read) ? read : { say: "kick", user, name: read };
};

const readRename = (rest: string): Parsed<DibsCommand> => {
  const usage = "/dibs rename staging to stage-1";
  const words = rest.split(/\s+/).filter(word => word !== "");
  const [from, to, ...more] = words.length === 3 && words[1]?.toLowerCase() === "to" ? [words[0], words[2]] : words;
  if (more.length > 0) return { problem: `I can't read that: \`${usage}\`.` };
  const [name, other] = [readName(from, usage), readName(to, usage)];
  if (isProblem(name)) return name;
  return isProblem(other) ? other : { say: "rename", name, to: other };
};

const readApproveOnly = (rest: string): Parsed<DibsCommand> => {
  const on = { on: true, off: false }[rest.toLowerCase()];
  return on === undefined ? { problem: "Say `/dibs approve-only on` or `/dibs approve-only off`." } : { say: "approve-only", on };
};

const readToken = (rest: string): Parsed<DibsCommand> => {
  if (rest === "") return { say: "token" };
  if (rest.toLowerCase() === "list") return { say: "tokens" };
  const [, id] = /^revoke\s+(\S+)$/i.exec(rest) ?? [];
  return id === undefined
    ? { problem: "Say `/dibs token`, `/dibs token list` or `/dibs token revoke ID`." }
    : { say: "revoke", id: id.toLowerCase() };
};

const READERS: Record<string, (rest: string) => Parsed<DibsCommand>> = {
  on: rest => readClaim("on", rest),
  off: readOff,
  who: rest => readNamed("who", rest),
  q: readQueue,
  list: rest => (rest === "" ? { say: "list" } : readNamed("who", rest)),
  extend: readExtend,
  watch: rest => readNamed("watch", rest),
  unwatch: rest => readNamed("unwatch", rest),
  token: readToken,
  help: () => ({ say: "help" }),
  bump: rest => readNamed("bump", rest),
  next: rest => readClaim("next", rest),
  kick: readKick,
  add: rest => readNamed("add", rest),
  rename: readRename,
  remove: rest => readNamed("remove", rest),
  "approve-only": readApproveOnly,
  history: rest => readNamed("history", rest),
  // Synonyms.
  queue: readQueue,
  for: rest => readTimeFirst("for", rest),
  by: rest => readTimeFirst("by", rest),
  until: rest => readClaim("on", `until ${rest}`),
  till: rest => readClaim("on", `till ${rest}`),
  claim: rest => readClaim("on", rest),
  release: readOff,
  leave: readOff,
};

const parseDibsCommand = (text: string): Parsed<DibsCommand> => {
  const said = text.toWellFormed();
  const visible = said.replace(/\p{Cf}/gu, "").trim();
  if (visible === "") return { say: "overview" };
  const [word, rest] = splitFirst(visible);
  const read = Object.hasOwn(READERS, word.toLowerCase()) ? READERS[word.toLowerCase()] : undefined;
  if (read !== undefined) return read(rest);
  const closest = findClosest(word.toLowerCase(), Object.keys(READERS));
  const meant = closest === undefined ? "" : ` Did you mean \`/dibs ${closest}\`?`;
  return { problem: `I don't know \`/dibs\` ${buildQuote(toPlain(word))}.${meant} Try \`/dibs help\`.` };
};

export type { DibsCommand, TurnRequest };
export { parseDibsCommand };
