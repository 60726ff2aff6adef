import { dayOf } from "@slack-fanout/laptop-cloud/page/format";
import type { ShownMessage } from "../src/protocol";
import { isReply } from "./conversation";

/** A message in its place in a list. */
interface Entry {
  message: ShownMessage;
  /** Whether it follows another message of the same author so soon that it needs no author of its own. */
  isFollowing: boolean;
  /** Whether a new day begins with it. */
  beginsDay: boolean;
}

const FOLLOWS_WITHIN_MS = 5 * 60_000;

/** Places messages in a list. `hasMore` says that there are earlier ones, which may belong to the day of the first. */
const buildEntries = (messages: ShownMessage[], hasMore: boolean): Entry[] =>
  messages.map((message, index) => {
    const before = messages[index - 1];
    const beginsDay = before === undefined ? !hasMore : dayOf(sentMs(before)) !== dayOf(sentMs(message));
    return { message, beginsDay, isFollowing: before !== undefined && !beginsDay && follows(before, message) };
  });

const follows = (before: ShownMessage, message: ShownMessage): boolean =>
  authorKey(before) === authorKey(message) && sentMs(message) - sentMs(before) < FOLLOWS_WITHIN_MS;

/** Differs wherever the line above a message would differ. */
const authorKey = (message: ShownMessage) =>
  [message.user, message.username, message.bot_id, message.ephemeral, message.subtype === "tombstone", isReply(message)].join("\n");

const sentMs = ({ ts }: ShownMessage) => Number(ts) * 1000;

export type { Entry };
export { buildEntries, sentMs };
