/** The values that a subscription accepts, by message attribute. */
type MessageFilter = Record<string, (string | { exists: boolean })[]>;

/** Messages. Earlier releases published them without a type. */
const MESSAGES_ONLY = ["slack.message", { exists: false }];

/** Messages, their edits and their deletions. */
const messageVersions = [...MESSAGES_ONLY, "slack.message_changed", "slack.message_deleted"];

/** Builds a filter policy: only messages, unless the subscription asks for other types, and only replays meant for this subscriber. */
const buildFilterPolicy = (subscriber: string, filter: MessageFilter): string =>
  JSON.stringify({ type: MESSAGES_ONLY, ...filter, replayTo: [{ exists: false }, subscriber] });

export type { MessageFilter };
export { buildFilterPolicy, messageVersions };
