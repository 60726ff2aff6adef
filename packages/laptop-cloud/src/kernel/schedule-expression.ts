import { Cron } from "croner";

/** When a schedule is due. */
interface Expression {
  /** Whether it fires only once. */
  once: boolean;
  /** The first time after `afterMs`, in epoch milliseconds, if there is one. A rate counts from `anchorMs`. */
  next(afterMs: number, anchorMs: number): number | undefined;
}

/** An invalid expression. The message quotes it. */
class ExpressionError extends Error {
  override name = "ExpressionError";
}

const unitsMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Reads `at(yyyy-mm-ddThh:mm:ss)`, `rate(value unit)` or `cron(six fields)` ("Schedule types", EventBridge Scheduler). Throws `ExpressionError`. */
const parseExpression = (text: string, timeZone = "UTC"): Expression => {
  verifyTimeZone(timeZone);
  const [, kind, inner] = /^(at|rate|cron)\((.*)\)$/.exec(text) ?? [];
  switch (kind) {
    case "at":
      return parseAt(inner!, timeZone);
    case "rate":
      return parseRate(inner!);
    case "cron":
      return parseCron(inner!, timeZone);
    default:
      throw new ExpressionError(`The schedule expression ${JSON.stringify(text)} is invalid. It must be at(...), rate(...) or cron(...).`);
  }
};

const verifyTimeZone = (timeZone: string) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch (cause) {
    throw new ExpressionError(`The time zone ${JSON.stringify(timeZone)} is not known.`, { cause });
  }
};

const parseAt = (inner: string, timeZone: string): Expression => {
  const asUtcMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(inner) ? Date.parse(`${inner}Z`) : Number.NaN;
  if (Number.isNaN(asUtcMs) || !new Date(asUtcMs).toISOString().startsWith(inner))
    throw new ExpressionError(`at(${inner}) is not a time. Times are written as at(yyyy-mm-ddThh:mm:ss).`);
  const atMs = localToUtcMs(asUtcMs, timeZone);
  return { once: true, next: afterMs => (atMs > afterMs ? atMs : undefined) };
};

/** Uses the offset at the resulting time. The second step corrects the first guess across a daylight-saving change. */
const localToUtcMs = (asUtcMs: number, timeZone: string): number => {
  const guessMs = asUtcMs - offsetMs(asUtcMs, timeZone);
  return asUtcMs - offsetMs(guessMs, timeZone);
};

const offsetMs = (atMs: number, timeZone: string): number => {
  const name = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" })
    .formatToParts(atMs)
    .find(({ type }) => type === "timeZoneName");
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name?.value ?? "") ?? [];
  return sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
};

const parseRate = (inner: string): Expression => {
  const [, value, unit] = /^(\d+) (minute|hour|day)s?$/.exec(inner) ?? [];
  const periodMs = Number(value) * (unitsMs[unit ?? ""] ?? Number.NaN);
  if (!(periodMs > 0))
    throw new ExpressionError(`rate(${inner}) is not a rate. Rates are written as rate(value unit), in minutes, hours or days.`);
  return {
    once: false,
    next: (afterMs, anchorMs) => anchorMs + Math.max(0, Math.floor((afterMs - anchorMs) / periodMs) + 1) * periodMs,
  };
};

const CRON_FIELDS = 6;

/** AWS's fields are minutes, hours, day of month, month, day of week (1 = Sunday) and year; one of the two days is `?`. */
const parseCron = (inner: string, timeZone: string): Expression => {
  const fields = inner.split(/ +/);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields as [string, string, string, string, string, string];
  if (fields.length !== CRON_FIELDS || (dayOfMonth === "?") === (dayOfWeek === "?"))
    throw new ExpressionError(`cron(${inner}) is invalid. It must have six fields, and ? for either day of month or day of week.`);
  // croner accepts 8 for Sunday, which AWS does not.
  if (/(?<![#/\d])(?:0|[89]|\d\d)/.test(dayOfWeek))
    throw new ExpressionError(`cron(${inner}) has the day of week ${dayOfWeek}, but days of the week are 1 to 7.`);
  // Alone, L is the last day of the week.
  const pattern = ["0", minutes, hours, dayOfMonth, month, dayOfWeek === "L" ? "SAT" : dayOfWeek, year].join(" ");
  const cron = createCron(pattern, inner, timeZone);
  return { once: false, next: afterMs => nextMatch(cron, afterMs) };
};

const createCron = (pattern: string, inner: string, timezone: string): Cron => {
  try {
    // AWS accepts "0/15". Both day fields must match, because `?` matches any day.
    return new Cron(pattern, { paused: true, timezone, mode: "7-part", alternativeWeekdays: true, sloppyRanges: true, domAndDow: true });
  } catch (cause) {
    throw new ExpressionError(`cron(${inner}) can't be read: ${(cause as Error).message}`, { cause });
  }
};

/** A time that does not exist on the day the clocks go forward is skipped, as AWS does; croner would move it. */
const nextMatch = (cron: Cron, afterMs: number): number | undefined => {
  for (let next = cron.nextRun(new Date(afterMs)); next !== null; next = cron.nextRun(next)) {
    if (cron.match(next)) return next.getTime();
  }
  return undefined;
};

export type { Expression };
export { ExpressionError, parseExpression };
