/** Parses times of day in a time zone: `17:30`, `5pm`, `9am tomorrow`, `monday 9am`, `24:00`, `2026-11-22T17:30`. */

import { MAX_TURN_SECONDS, MIN_TURN_SECONDS } from "#core/dibs/queue";
import { foldText } from "#core/normalize";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";

interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

const DAY_MS = 86_400_000;

const DAY = /^(?:today|tomorrow|(?:sun|mon|tue(?:s)?|wed(?:nes)?|thu(?:r|rs)?|fri|sat(?:ur)?)(?:day)?|[0-9]{4}-[0-9]{2}-[0-9]{2})$/;
const TIME = /^([0-9]{1,2})(?:[:.]([0-9]{2}))?(?::00)? ?([ap]m)?$/;
/** An hour alone is not a time: "until 5" may mean a day. */
const HOUR_ALONE = /^[0-9]+$/;
/** A date and time of ISO 8601 with a UTC offset. */
const ISO_WITH_ZONE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}:[0-9]{2}(?::00)?(?:z|[+-][0-9]{2}:[0-9]{2})$/;
const NAMED: Record<string, string> = { noon: "12:00", midnight: "0:00" };
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/** Longer than any time that people type. */
const MAX_CHARACTERS = 60;

/** A time of day, with the day, if given. */
interface TimeOfDay {
  day?: string;
  hour: number;
  minute: number;
}

/** Parses a time of day, with the day before or after it; undefined if the text is not a time. */
const parseTimeOfDay = (text: string): TimeOfDay | undefined => {
  if (text.length > MAX_CHARACTERS) return undefined;
  const words = foldText(text)
    .trim()
    .replace(/^([0-9]{4}-[0-9]{2}-[0-9]{2})t(?=[0-9])/, "$1 ")
    .replace(/([ap])\.m\.?/g, "$1m")
    .replace(/\.$/, "")
    .split(/[\s,]+/)
    .filter(word => word !== "at" && word !== "on");
  const [first = "", last = ""] = [words[0], words.at(-1)];
  const day = DAY.test(first) ? words.shift() : DAY.test(last) ? words.pop() : undefined;
  const time = words.map(word => NAMED[word] ?? word).join(" ");
  const [whole, hours, minutes = "0", half] = TIME.exec(time) ?? [];
  const hour = readHour(Number(hours), Number(minutes), half);
  if (whole === undefined || HOUR_ALONE.test(time) || hour === undefined || Number(minutes) > 59) return undefined;
  return { ...(day === undefined ? {} : { day }), hour, minute: Number(minutes) };
};

/** Tells whether a text has the format of a time, even one in the past. */
const isTime = (text: string): boolean => ISO_WITH_ZONE.test(text.trim().toLowerCase()) || parseTimeOfDay(text) !== undefined;

const asUtcMs = ({ year, month, day, hour, minute }: LocalTime): number => Date.UTC(year, month - 1, day, hour, minute);

/** Computes the local time in a time zone. Throws `RangeError` if the zone does not exist. */
const readLocalTime = (timeMs: number, timeZone: string): LocalTime => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(timeMs);
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find(part => part.type === type)?.value);
  return { year: read("year"), month: read("month"), day: read("day"), hour: read("hour"), minute: read("minute") };
};

/** Finds the moment of a local time: the first one if the clocks show it twice, undefined if they skip it. */
const findMoment = (local: LocalTime, timeZone: string): number | undefined => {
  const wantedMs = asUtcMs(local);
  // No zone differs from UTC by more than a day, and no change is larger than a day.
  const offsets = [-DAY_MS, DAY_MS].map(shift => asUtcMs(readLocalTime(wantedMs + shift, timeZone)) - (wantedMs + shift));
  const found = offsets.map(offset => wantedMs - offset).filter(timeMs => asUtcMs(readLocalTime(timeMs, timeZone)) === wantedMs);
  return found.length === 0 ? undefined : Math.min(...found);
};

const addDays = (local: LocalTime, days: number): LocalTime => {
  const moved = new Date(asUtcMs(local) + days * DAY_MS);
  return { ...local, year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
};

/** Parses an hour; 24:00 is the end of a day. */
const readHour = (hour: number, minute: number, half: string | undefined): number | undefined => {
  if (half === undefined) return hour <= 23 || (hour === 24 && minute === 0) ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half === "pm" ? 12 : 0);
};

/** Parses a date such as 2026-11-22; undefined if it does not exist. */
const readDate = (text: string): Pick<LocalTime, "year" | "month" | "day"> | undefined => {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day ? { year, month, day } : undefined;
};

/** Formats a time to the minute, with the date if it is not today: `17:30`, `Nov 23, 17:30`, `Jan 2, 2027, 17:30`. */
const formatTime = (timeMs: number, nowMs: number, timeZone: string): string => {
  const [then, now] = [readLocalTime(timeMs, timeZone), readLocalTime(nowMs, timeZone)];
  const isToday = then.year === now.year && then.month === now.month && then.day === now.day;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    hour: "2-digit",
    minute: "2-digit",
    ...(isToday ? {} : { month: "short", day: "numeric" }),
    ...(then.year === now.year ? {} : { year: "numeric" }),
  });
  return format.format(timeMs);
};

/** Resolves the day: today if none is given, otherwise the next day of that name. Undefined for a date that does not exist. */
const findDay = (day: string | undefined, today: LocalTime): Pick<LocalTime, "year" | "month" | "day"> | undefined => {
  if (day === undefined || day === "today") return today;
  if (day === "tomorrow") return addDays(today, 1);
  const weekday = WEEKDAYS.indexOf(day.slice(0, 3));
  if (weekday === -1) return readDate(day);
  return addDays(today, (weekday - new Date(asUtcMs(today)).getUTCDay() + 7) % 7);
};

/** How many days to add to a time that has passed today: one if no day was given, seven for a weekday. Undefined for any other day. */
const findRepeat = (day: string | undefined): number | undefined => {
  if (day === undefined) return 1;
  return WEEKDAYS.includes(day.slice(0, 3)) ? 7 : undefined;
};

/**
 * Parses a time of day as the next such moment in the zone. Returns the sentence to answer with if the text is not a time, or the moment is
 * in the past, too far ahead, or in an hour that the clocks skip.
 */
const parseUntil = (text: string, nowMs: number, timeZone: string): number | Problem => {
  if (ISO_WITH_ZONE.test(text.trim().toLowerCase())) return checkAhead(text, Date.parse(text.trim().toUpperCase()), nowMs, "UTC");
  const said = parseTimeOfDay(text);
  if (said === undefined)
    return {
      problem: `I can't read ${buildQuote(text)} as a time: say "17:30", "5pm", "tomorrow 9:00", "monday 9am" or "2026-11-22 17:30".`,
    };
  const today = readLocalTime(nowMs, timeZone);
  const date = findDay(said.day, today);
  if (date === undefined) return { problem: `There is no ${buildQuote(said.day)} in the calendar.` };
  // 24:00 is 0:00 of the next day.
  const local = addDays({ ...date, hour: said.hour % 24, minute: said.minute }, Math.floor(said.hour / 24));
  const repeatDays = findRepeat(said.day);
  const next = repeatDays !== undefined && asUtcMs(local) <= asUtcMs(today) ? addDays(local, repeatDays) : local;
  const timeMs = findMoment(next, timeZone);
  if (timeMs === undefined)
    return { problem: `${buildQuote(text)} does not exist on that day in ${timeZone}, because the clocks go forward: say another time.` };
  return checkAhead(text, timeMs, nowMs, timeZone);
};

/** Refuses an end in the past or too far ahead. */
const checkAhead = (text: string, timeMs: number, nowMs: number, timeZone: string): number | Problem => {
  if (Number.isNaN(timeMs)) return { problem: `There is no ${buildQuote(text)} in the calendar.` };
  if (timeMs < nowMs + MIN_TURN_SECONDS * 1000) return { problem: `${buildQuote(text)} has already passed in ${timeZone}.` };
  if (timeMs > nowMs + MAX_TURN_SECONDS * 1000)
    return { problem: `${buildQuote(text)} is too far ahead: ${MAX_TURN_SECONDS / 86_400} days at most.` };
  return timeMs;
};

export { formatTime, isTime, parseUntil };
