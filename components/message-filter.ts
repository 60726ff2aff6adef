/** What message attributes a subscription asks for: by name, the values that it takes. */
type MessageFilter = Record<string, (string | { exists: boolean })[]>;

/** Messages of people, also those that were published by versions which did not say the type. */
const messagesOnly = ["slack.message", { exists: false }];

/** Builds a subscription's filter policy: messages only, unless it asks for other types, and of replayed ones those for this subscriber. */
const buildFilterPolicy = (subscriber: string, filter: MessageFilter): string =>
  JSON.stringify({ type: messagesOnly, ...filter, replayTo: [{ exists: false }, subscriber] });

export type { MessageFilter };
export { buildFilterPolicy };
