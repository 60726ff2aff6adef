/** The values that a subscription accepts, by message attribute. */
type AttributeFilter = Record<string, (string | { exists: boolean })[]>;

/** All attributes must match, and one of the filters in `$or`. Source: https://docs.aws.amazon.com/sns/latest/dg/or-operator.html */
type MessageFilter = Record<string, AttributeFilter[string] | AttributeFilter[]>;

/** Messages. Earlier releases published them without a type. */
const MESSAGES_ONLY = ["slack.message", { exists: false }];

/** Deletions of messages, and edits: Slack sends an edit if a deleted message has replies. */
const deletions = ["slack.message_changed", "slack.message_deleted"];

/** Messages, their edits and their deletions. */
const messageVersions = [...MESSAGES_ONLY, ...deletions];

/** Builds a filter policy: only messages, unless the subscription asks for other types, and only replays meant for this subscriber. */
const buildFilterPolicy = (subscriber: string, filter: MessageFilter): string =>
  JSON.stringify({ type: MESSAGES_ONLY, ...filter, replayTo: [{ exists: false }, subscriber] });

export type { MessageFilter };
export { buildFilterPolicy, deletions, messageVersions };
