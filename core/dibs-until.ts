/** Times of day in somebody's time zone: `17:30`, `5pm`, `tomorrow 9:00`, `2026-11-22 17:30`. */

import { MAX_TURN_SECONDS, MIN_TURN_SECONDS } from "#core/dibs-queue";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";

/** A date and time as a clock on the wall shows it. */
interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

const DAY_MS = 86_400_000;

const TIME = /^(?:(today|tomorrow|[0-9]{4}-[0-9]{2}-[0-9]{2})\s+(?:at\s+)?)?([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(am|pm)?$/;
const NAMED: Record<string, string> = { noon: "12:00", midnight: "0:00" };

const asUtcMs = ({ year, month, day, hour, minute }: WallTime): number => Date.UTC(year, month - 1, day, hour, minute);

/** Reads the clock on the wall of a time zone. Throws `RangeError` for a zone that does not exist. */
const readWall = (timeMs: number, timeZone: string): WallTime => {
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

/**
 * Finds when a clock on the wall shows a time; undefined when it never does, since the clocks go forward over it. Where they go back and
 * show it twice, the first time counts.
 */
const findWall = (wall: WallTime, timeZone: string): number | undefined => {
  const wantedMs = asUtcMs(wall);
  // No zone is more than a day from UTC, and none changes by more than a day.
  const offsets = [-DAY_MS, DAY_MS].map(shift => asUtcMs(readWall(wantedMs + shift, timeZone)) - (wantedMs + shift));
  const found = offsets.map(offset => wantedMs - offset).filter(timeMs => asUtcMs(readWall(timeMs, timeZone)) === wantedMs);
  return found.length === 0 ? undefined : Math.min(...found);
};

const addDays = (wall: WallTime, days: number): WallTime => {
  const moved = new Date(asUtcMs(wall) + days * DAY_MS);
  return { ...wall, year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
};

const readHour = (hour: number, half: string | undefined): number | undefined => {
  if (half === undefined) return hour <= 23 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half === "pm" ? 12 : 0);
};

/** Reads a date written as 2026-11-22; undefined for one that no calendar has. */
const readDate = (text: string): Pick<WallTime, "year" | "month" | "day"> | undefined => {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day ? { year, month, day } : undefined;
};

/** Formats a time to the minute, with its date where that is another day than now: `17:30`, `Nov 23, 17:30`, `Jan 2, 2027, 17:30`. */
const formatTime = (timeMs: number, nowMs: number, timeZone: string): string => {
  const [then, now] = [readWall(timeMs, timeZone), readWall(nowMs, timeZone)];
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

/**
 * Parses a time of day as the next moment at which it is that time in the zone. What is no time, lies in the past, too far ahead, or in
 * the hour that the clocks skip comes back as the sentence to answer with.
 */
const parseUntil = (text: string, nowMs: number, timeZone: string): number | Problem => {
  const said = text.trim().toLowerCase();
  const unreadable = { problem: `I can't read ${buildQuote(text)} as a time: say "17:30", "5pm", "tomorrow 9:00" or "2026-11-22 17:30".` };
  const [whole, day, hours, minutes = "0", half] = TIME.exec(said.replace(/noon|midnight/, name => NAMED[name] ?? name)) ?? [];
  // A bare number says nothing: "until 5" may be a time or a day.
  if (whole === undefined || (!/[:.]|m$/.test(whole) && !said.includes("noon") && !said.includes("midnight"))) return unreadable;
  const hour = readHour(Number(hours), half);
  const minute = Number(minutes);
  if (hour === undefined || minute > 59) return unreadable;
  const today = readWall(nowMs, timeZone);
  const date = day === undefined || day === "today" || day === "tomorrow" ? today : readDate(day);
  if (date === undefined) return { problem: `There is no ${buildQuote(day)} in the calendar.` };
  const wall = addDays({ ...date, hour, minute }, day === "tomorrow" ? 1 : 0);
  const next = day === undefined && asUtcMs(wall) <= asUtcMs(today) ? addDays(wall, 1) : wall;
  const timeMs = findWall(next, timeZone);
  if (timeMs === undefined)
    return { problem: `The clocks go forward over ${buildQuote(text)} on that day in ${timeZone}: say another time.` };
  if (timeMs < nowMs + MIN_TURN_SECONDS * 1000) return { problem: `${buildQuote(text)} is over already in ${timeZone}.` };
  if (timeMs > nowMs + MAX_TURN_SECONDS * 1000)
    return { problem: `${buildQuote(text)} is too far ahead: ${MAX_TURN_SECONDS / 86_400} days at most.` };
  return timeMs;
};

export { formatTime, parseUntil };
