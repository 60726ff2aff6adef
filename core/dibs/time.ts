/** Times as Slack shows them: in the time zone of whoever reads. Source: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
import { formatTime } from "#core/dibs/until";

/** Turns end by a timer that EventBridge Scheduler fires within the minute. Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
const LATE = "up to a minute late";

/** What an open turn shows where others show a time. */
const OPEN = "it is released (open)";

/** Formats a time as a date token of Slack's; what can't show it shows the time in `timeZone`. */
const formatDate = (timeMs: number, nowMs: number, timeZone = "UTC"): string => {
  const isSoon = Math.abs(timeMs - nowMs) < 12 * 3_600_000;
  const shown = isSoon ? "{time}" : "{date_short_pretty} at {time}";
  return `<!date^${Math.floor(timeMs / 1000)}^${shown}|${formatTime(timeMs, nowMs, timeZone)} ${timeZone}>`;
};

/** Formats until when a turn lasts, after "until": a time, or that it is open. */
const formatEnd = (expiresAtMs: number | null, nowMs: number, timeZone?: string): string =>
  expiresAtMs === null ? OPEN : formatDate(expiresAtMs, nowMs, timeZone);

/** As `formatEnd`, and how late the end may come. */
const formatLateEnd = (expiresAtMs: number | null, nowMs: number, timeZone?: string): string =>
  expiresAtMs === null ? OPEN : `${formatDate(expiresAtMs, nowMs, timeZone)} (${LATE})`;

export { formatDate, formatEnd, formatLateEnd, LATE, OPEN };
