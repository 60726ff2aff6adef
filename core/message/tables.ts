import type { TableIndex, TableSchema } from "#core/table-schema";

/** Finds the most frequent tokens: those with the highest level. */
const BY_LEVEL = { name: "by-level", partitionKey: "ranking:S", sortKey: "level:N", projection: "KEYS_ONLY" } as const satisfies TableIndex;

/** How often each token was said. */
const WORDS = { partitionKey: "word:S", indexes: [BY_LEVEL] } as const satisfies TableSchema;

/** Finds the rows to delete after a person's `/words forget`. */
const BY_PERSON = {
  name: "by-person",
  partitionKey: "person:S",
  sortKey: "board:S",
  projection: "KEYS_ONLY",
} as const satisfies TableIndex;

/** How often each token was said on a day, in a conversation, or by a person. */
const BOARDS = {
  partitionKey: "board:S",
  sortKey: "token:S",
  indexes: [BY_LEVEL, BY_PERSON],
  expiresAt: "expires_at",
} as const satisfies TableSchema;

/** Finds messages that are still to be published. */
const PENDING = {
  name: "pending",
  partitionKey: "pending:S",
  sortKey: "accepted_at:N",
  projection: "KEYS_ONLY",
} as const satisfies TableIndex;

/** Finds what a person said on a day. */
const BY_SPEAKER = {
  name: "by-speaker",
  partitionKey: "speaker_day:S",
  sortKey: "event_id:S",
  projection: "ALL",
} as const satisfies TableIndex;

/** Accepted messages, and the effects that they have had. */
const SEEN = { partitionKey: "event_id:S", indexes: [PENDING, BY_SPEAKER], expiresAt: "expires_at" } as const satisfies TableSchema;

export { BOARDS, BY_LEVEL, BY_PERSON, BY_SPEAKER, PENDING, SEEN, WORDS };
