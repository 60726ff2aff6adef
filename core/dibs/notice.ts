/** Direct messages to owners of claims and to watchers. */
import { type ButtonAction, buildBlocks } from "#core/dibs/buttons";
import type { NewsEntry } from "#core/dibs/queue";
import { formatDate, formatLateEnd, LATE, OPEN } from "#core/dibs/time";
import { formatTime } from "#core/dibs/until";
import type { Notice } from "#core/notice/notice";
import { escapeMrkdwn } from "#core/slack/mrkdwn";

/** Formats parts of a message: as plain text for e-mail, or as mrkdwn for Slack. */
interface Format {
  thing: string;
  time(timeMs: number): string;
  /** The end of a turn, and how late it may come. */
  end(expiresAtMs: number | null): string;
  person(user: string): string;
  plain(text: string): string;
}

const writeNews = ({ news, expiresAtMs = null, by = "", reason }: NewsEntry, { thing, time, end, person, plain }: Format): string => {
  const because = reason === undefined ? "" : `: ${plain(reason)}`;
  switch (news) {
    case "turn":
      return `It is your turn: you have dibs on ${thing} until ${end(expiresAtMs)}.`;
    case "warning":
      return `Your time on ${thing} ends at ${end(expiresAtMs)}. Extend it if you need longer.`;
    case "expired":
      return `Your time on ${thing} is over.`;
    case "missed":
      return `You wanted ${thing} until ${time(expiresAtMs ?? 0)}, but it was not free in time. You are no longer in the queue.`;
    case "kicked":
      return `${person(by)} removed you from the queue for ${thing}.`;
    case "overtaken":
      return `${person(by)} goes ahead of you in the queue for ${thing}${because}.`;
    case "free":
      return `${thing} is free now.`;
  }
};

const TITLES: Record<NewsEntry["news"], string> = {
  turn: "Your turn",
  warning: "Your time is nearly over",
  expired: "Your time is over",
  missed: "Your time has passed",
  kicked: "You were removed",
  overtaken: "Somebody goes ahead of you",
  free: "It is free",
};

const BUTTONS: Partial<Record<NewsEntry["news"], ButtonAction[]>> = {
  turn: ["dibs_release", "dibs_extend"],
  warning: ["dibs_release", "dibs_extend"],
  free: ["dibs_join"],
};

/** Builds the buttons under a message. An open turn has no end to extend. */
const chooseActions = ({ news, expiresAtMs }: NewsEntry): ButtonAction[] =>
  (BUTTONS[news] ?? []).filter(action => expiresAtMs !== null || action !== "dibs_extend");

/** Builds the direct message for an entry of a queue's outbox. The id of the entry makes sending it idempotent. */
const buildDibsNotice = ({ team, name }: { team: string; name: string }, entryId: string, entry: NewsEntry): Notice => {
  const { news, user, atMs, fencing, expiresAtMs } = entry;
  const writeTime = (timeMs: number) => `${formatTime(timeMs, atMs, "UTC")} UTC`;
  const text = writeNews(entry, {
    thing: name,
    time: writeTime,
    end: expiresMs => (expiresMs === null ? OPEN : `${writeTime(expiresMs)} (${LATE})`),
    person: id => id,
    plain: each => each,
  });
  const mrkdwn = writeNews(entry, {
    thing: `\`${name}\``,
    time: timeMs => formatDate(timeMs, atMs),
    end: expiresMs => formatLateEnd(expiresMs, atMs),
    person: id => `<@${id}>`,
    plain: escapeMrkdwn,
  });
  return {
    id: `dibs-${entryId}`,
    outcome: "success",
    title: `${TITLES[news]}: ${name}`,
    text,
    team,
    user,
    blocks: buildBlocks(mrkdwn, chooseActions(entry), { name, fencing, ...(expiresAtMs == null ? {} : { expiresAtMs }) }),
  };
};

export { buildDibsNotice };
