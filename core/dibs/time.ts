/** Formats times, which Slack shows in the reader's time zone. Source: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
import { formatTime } from "#core/dibs/until";

/** EventBridge Scheduler fires the timer of a turn within a minute. Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
const LATE = "up to a minute late";

/** Replaces the time of an open turn. */
const OPEN = "it is released (open)";

/** Formats a time as a Slack date token. Clients that can't show it use the time in `timeZone`. */
const formatDate = (timeMs: number, nowMs: number, timeZone = "UTC"): string => {
  const isSoon = Math.abs(timeMs - nowMs) < 12 * 3_600_000;
  const shown = isSoon ? "{time}" : "{date_short_pretty} at {time}";
  return `<!date^${Math.floor(timeMs / 1000)}^${shown}|${formatTime(timeMs, nowMs, timeZone)} ${timeZone}>`;
};

/** Formats the end of a turn after "until": a time, or that the turn is open. */
const formatEnd = (expiresAtMs: number | null, nowMs: number, timeZone?: string): string =>
  expiresAtMs === null ? OPEN : formatDate(expiresAtMs, nowMs, timeZone);

/** Like `formatEnd`, with how late the end may come. */
const formatLateEnd = (expiresAtMs: number | null, nowMs: number, timeZone?: string): string =>
  expiresAtMs === null ? OPEN : `${formatDate(expiresAtMs, nowMs, timeZone)} (${LATE})`;

export { formatDate, formatEnd, formatLateEnd, LATE, OPEN };
