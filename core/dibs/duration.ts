/** Parses and formats durations: `45 minutes`, `1.5h`, `1h30`, `two hours`, `an hour and a half`. */
import { MAX_TURN_SECONDS, MIN_TURN_SECONDS } from "#core/dibs/queue";
import { foldText } from "#core/normalize";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";

const DAY_SECONDS = 86_400;

const UNITS: [pattern: RegExp, seconds: number][] = [
  [/^s(?:ecs?|econds?)?$/, 1],
  [/^m(?:ins?|inutes?)?$/, 60],
  [/^h(?:rs?|ours?)?$/, 3600],
  [/^d(?:ays?)?$/, DAY_SECONDS],
  [/^w(?:eeks?)?$/, 7 * DAY_SECONDS],
];

/** Nothing, spaces, commas or "and" separate the parts. The pattern must match the whole number. */
const PART = /^([+-]?(?:[0-9]{1,9}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}))\s*([a-z]+)\.?(?:\s*,?\s*(?:and\s+)?|$)/;

/** Minutes after hours need no unit: `1h30`. */
const BARE_MINUTES = /^[0-5]?[0-9]$/;
const HOUR_SECONDS = 3600;

const NUMBERS: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  forty: 40,
  "forty-five": 45,
  fifty: 50,
  sixty: 60,
  ninety: 90,
};
const NUMBER_WORD = new RegExp(`\\b(?:${Object.keys(NUMBERS).sort().reverse().join("|")})(?=\\s)`, "g");

const WORDS: [pattern: RegExp, replacement: string | ((word: string) => string)][] = [
  [/\b(?:a )?half(?: an)?[ -]hour\b/, "30 m"],
  [/\bhalf a day\b/, "12 h"],
  [/\ba? ?quarter of an hour\b/, "15 m"],
  [/\b(?:a )?couple of\b/, "2"],
  [/\ban?\s+(?=[a-z])(?!half\b)/, "1 "],
  [NUMBER_WORD, word => String(NUMBERS[word])],
  [/\b([0-9]{1,9}) and a half (?=[a-z])/, "$1.5 "],
  [/\b([0-9]{1,9}) (hour|day|week)s? and a half\b/, "$1.5 $2s"],
];

/** Longer than any duration that people type. */
const MAX_CHARACTERS = 100;

/** Parses a duration in seconds; undefined if the text is not a duration. */
const readSeconds = (text: string): number | undefined => {
  if (text.length > MAX_CHARACTERS) return undefined;
  let rest = WORDS.reduce((read, [pattern, replacement]) => read.replace(pattern, replacement as string), foldText(text).trim());
  let seconds = 0;
  let last = 0;
  if (rest === "") return undefined;
  while (rest !== "") {
    if (last === HOUR_SECONDS && BARE_MINUTES.test(rest)) return seconds + Number(rest) * 60;
    const [part, number, name] = PART.exec(rest) ?? [];
    const unit = UNITS.find(([pattern]) => pattern.test(name ?? ""));
    if (part === undefined || unit === undefined) return undefined;
    last = unit[1];
    seconds += Number(number) * last;
    rest = rest.slice(part.length);
  }
  return seconds;
};

/** Formats a duration to the minute, or to the second below one minute: `1 h 30 min`, `2 days`. */
const formatDuration = (seconds: number): string => {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [
    days === 0 ? "" : `${days} ${days === 1 ? "day" : "days"}`,
    hours === 0 ? "" : `${hours} h`,
    rest === 0 || days > 0 ? "" : `${rest} min`,
  ];
  return parts.filter(part => part !== "").join(" ");
};

/** Parses the length of a turn in whole seconds. Returns the sentence to answer with if it is invalid. */
const parseDuration = (text: string): number | Problem => {
  const seconds = readSeconds(text);
  if (seconds === undefined) return { problem: `I can't read ${buildQuote(text)} as a time span: say "45 minutes", "1.5h" or "2 days".` };
  if (seconds < MIN_TURN_SECONDS) return { problem: `${buildQuote(text)} is too short: say "45 minutes", "1.5h" or "2 days".` };
  if (seconds > MAX_TURN_SECONDS) return { problem: `${buildQuote(text)} is too long: ${MAX_TURN_SECONDS / DAY_SECONDS} days at most.` };
  return Math.round(seconds);
};

/** Parses the length of a turn: a duration, or null for "open", which lasts until it is released. */
const parseTurnLength = (text: string): number | null | Problem => (text.trim().toLowerCase() === "open" ? null : parseDuration(text));

export { formatDuration, parseDuration, parseTurnLength };
