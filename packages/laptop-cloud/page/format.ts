/** Formats values for people. */

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const SHORT_TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const SHORT_DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

/** Names the local day of a time. Two times of one day have the same name. */
const dayOf = (atMs: number): string => new Date(atMs).toDateString();

/** "9:41 AM", or "Nov 28, 2026, 9:41 AM" when that isn't `today`, a day of `dayOf`. */
const formatWhen = (atMs: number, today: string): string => (dayOf(atMs) === today ? SHORT_TIME : SHORT_DATE_TIME).format(atMs);

/** The same to the second: "9:41:05 AM", or "Nov 28, 2026, 9:41:05 AM". */
const formatMoment = (atMs: number, today: string): string => (dayOf(atMs) === today ? TIME : DATE_TIME).format(atMs);

/** "Today", or "Saturday, November 28, 2026". */
const formatDay = (atMs: number, today: string): string => (dayOf(atMs) === today ? "Today" : DAY.format(atMs));

const UNITS: [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** "45 min", "1.5 h": in the largest unit that gives at least 1. */
const formatDuration = (ms: number): string => {
  const [size, unit] = UNITS.find(([length]) => ms >= length) ?? [1, "ms"];
  const amount = ms / size;
  return `${amount >= 10 || unit === "ms" ? Math.round(amount) : Math.round(amount * 10) / 10} ${unit}`;
};

/** The time until something happens: "2 d 3 h", "1 h 05 min", "4 min 09 s". */
const formatCountdown = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (count: number) => String(count).padStart(2, "0");
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(seconds % 60)} s` : `${seconds} s`;
};

const formatBytes = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
};

/** Cuts an ARN to the part after the account: "function:webhook". Other text stays as it is. */
const shortenArn = (arn: string): string => (arn.startsWith("arn:") ? arn.split(":").slice(5).join(":") : arn);

/** Indents JSON. Other text stays as it is. */
const formatJson = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

export { dayOf, formatBytes, formatCountdown, formatDay, formatDuration, formatJson, formatMoment, formatWhen, shortenArn };
