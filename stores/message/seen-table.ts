/** The table `seen`: a marker for each message, event id, chunk of counters and subscriber's effect, and the versions of messages that were counted. */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { chooseShard, type Person } from "#core/message/count-keys";
import { isEventEnvelope, isEventType, parseAnyEnvelope, readEvent } from "#core/message/event";
import { buildVersion, type Message, readAttributes, serializeFrozenTokens, tokensIn } from "#core/message/message";
import { PENDING } from "#core/message/tables";
import type { TokenCount } from "#core/message/tokens";
import { batchGet } from "#stores/batch-get";
import type { Marker } from "#stores/count-once";
import { type Row, Table } from "#stores/table";

/** A message as its marker records it. */
interface MessageMarker extends Message {
  acceptedAtMs: number;
  /** Whether the message has yet to be published and settled. */
  pending: boolean;
}

interface MessageRow {
  envelope: string;
  channel_type?: string;
  /** The key under which the sparse index lists the message. */
  pending?: string;
  accepted_at: number;
  tokens?: string;
  /** Whether the counts are to be posted as an answer. */
  expects_answer?: boolean;
  answer?: string;
  /** In older rows only, because their envelopes don't tell. */
  mentions_bot?: boolean;
}

/** A row of the index of pending messages. */
interface PendingRow {
  event_id: string;
  accepted_at: number;
}

/** The row of an event id's marker. It names the message. */
interface EventRow {
  message_id: string;
}

/** The version of a message that an effect has counted. */
interface VersionRow {
  version: string;
  counts: string;
  private: boolean;
  /** What each occurrence adds. */
  times: number;
  /** The person on whose boards the message counts, and the key of the index that lists this person's messages of the day. */
  person?: Person;
  speaker_day?: string;
  /** The counts before, and how many additions the first transaction has, if further ones follow. */
  before?: string;
  room?: number;
  expires_at: number;
}

/** A row that existed already. A marker of a chunk or an effect has none of these attributes. */
type SeenRow = Partial<MessageRow & EventRow & Pick<VersionRow, "version">>;

/** One partition key takes 500 messages a second, because each message is put into the index and deleted from it. */
const PENDING_SHARDS = 8;
/** The key of earlier releases. */
const FORMER_PENDING = "yes";

/**
 * The key of a pending message has no team, because the relay, its only reader, does not know the teams. The index holds nothing but ids, which
 * begin with the team.
 */
const buildPendingKey = (shard: number): string => `pending#${shard}`;

class SeenTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Builds the marker of a message that is about to be accepted. It has no `expires_at`, because a pending message must not expire. */
  buildMessageMarker({ id, type, envelope, tokens, channelType, expectsAnswer, answer }: Message, acceptedAtMs: number): Marker {
    return this.buildMarker(id, {
      envelope,
      channel_type: channelType,
      pending: buildPendingKey(chooseShard(id, PENDING_SHARDS)),
      accepted_at: acceptedAtMs,
      tokens: isEventType(type) ? undefined : serializeFrozenTokens(envelope, tokens),
      expects_answer: expectsAnswer,
      answer,
    } satisfies MessageRow);
  }

  /** Builds the bare marker of an event id. Its key can't be the id of a message. */
  buildEventMarker(team: string, eventId: string, messageId: string, expiresAtSeconds: number): Marker {
    return this.buildMarker(`event#${team}#${eventId}`, { message_id: messageId, expires_at: expiresAtSeconds });
  }

  /** Builds the marker of an effect: a chunk of counters, or the work of a subscriber. */
  buildEffectMarker(id: string, expiresAtSeconds: number): Marker {
    return this.buildMarker(id, { expires_at: expiresAtSeconds });
  }

  /** Builds the row of a counted version, which replaces the row of an earlier version, if any. */
  buildVersionMarker(id: string, row: VersionRow, replacedVersion: string | undefined): Marker {
    return { ...this.buildMarker(id, { ...row }), ...(replacedVersion === undefined ? {} : { replaces: ["version", replacedVersion] }) };
  }

  private buildMarker(id: string, rest: Row): Marker {
    return { table: this.#table.name, keyName: "event_id", row: { event_id: id, ...rest } };
  }

  /** Reads a message's marker, strongly consistent; undefined if there is none. */
  async get(id: string, deadline: Deadline): Promise<MessageMarker | undefined> {
    const row = await this.#table.get<MessageRow>({ event_id: id }, deadline);
    return row && parseMessageMarker(row);
  }

  /** Reads the row of a counted version, strongly consistent; undefined if there is none. */
  getVersion(id: string, deadline: Deadline): Promise<VersionRow | undefined> {
    return this.#table.get<VersionRow>({ event_id: id }, deadline);
  }

  /** Finds out which of some markers exist, strongly consistent. */
  async findExisting(ids: readonly string[], deadline: Deadline): Promise<Set<string>> {
    const keys = ids.map(id => ({ event_id: id }));
    const rows = await batchGet<{ event_id: string }>(this.#table, keys, ["event_id"], deadline);
    return new Set(rows.map(({ event_id }) => event_id));
  }

  /** Settles a message: nothing is left to do, and the first answer stays. Returns the first answer. */
  settle(id: string, answer: string, expiresAtSeconds: number, deadline: Deadline): Promise<string> {
    return this.answer(id, "SET answer = if_not_exists(answer, :answer), expires_at = :expires REMOVE pending, tokens", deadline, {
      ":answer": answer,
      ":expires": expiresAtSeconds,
    });
  }

  /** Keeps the answer of a message that is counted but not published. Removes the tokens to make room for it. Returns the first answer. */
  keepAnswer(id: string, answer: string, deadline: Deadline): Promise<string> {
    return this.answer(id, "SET answer = if_not_exists(answer, :answer) REMOVE tokens", deadline, { ":answer": answer });
  }

  private async answer(
    id: string,
    update: string,
    deadline: Deadline,
    values: { ":answer": string; ":expires"?: number },
  ): Promise<string> {
    const row = await this.#table.update<MessageRow>(
      {
        Key: { event_id: id },
        UpdateExpression: update,
        ExpressionAttributeValues: values,
        // A marker that has expired must not come back without its envelope.
        ConditionExpression: "attribute_exists(envelope)",
        ReturnValues: "ALL_NEW",
      },
      deadline,
    );
    return row?.answer ?? values[":answer"];
  }

  /** Lists the ids of pending messages that were accepted before a time, oldest first. */
  async listPending(beforeMs: number): Promise<string[]> {
    const keys = [FORMER_PENDING, ...Array.from({ length: PENDING_SHARDS }, (_, shard) => buildPendingKey(shard))];
    const found = (await Promise.all(keys.map(key => this.listUnder(key, beforeMs)))).flat();
    return found.sort((one, other) => one.accepted_at - other.accepted_at).map(({ event_id }) => event_id);
  }

  private async listUnder(key: string, beforeMs: number): Promise<PendingRow[]> {
    const found: PendingRow[] = [];
    const rows = this.#table.queryAll<PendingRow>({
      IndexName: PENDING.name,
      KeyConditionExpression: "#pending = :key AND #accepted < :before",
      ExpressionAttributeNames: { "#pending": "pending", "#accepted": "accepted_at" },
      ExpressionAttributeValues: { ":key": key, ":before": beforeMs },
    });
    for await (const row of rows) found.push(row);
    return found;
  }
}

/** Parses the row of a message's marker. Throws `BadEnvelope` if the row holds no envelope. */
const parseMessageMarker = (row: SeenRow): MessageMarker => {
  const { accepted_at: acceptedAtMs = 0, pending, answer } = row;
  return {
    ...parseMessage(row),
    acceptedAtMs,
    pending: pending !== undefined,
    ...(answer === undefined ? {} : { answer }),
  };
};

const parseMessage = ({ envelope: json = "", tokens: frozen, mentions_bot, channel_type, expects_answer }: SeenRow): Message => {
  const envelope = parseAnyEnvelope(json);
  if (isEventEnvelope(envelope)) return { ...readEvent(envelope, channel_type), envelope: json };
  const tokens = frozen === undefined ? (tokensIn(envelope) ?? []) : (JSON.parse(frozen) as TokenCount[]);
  return {
    id: envelope.id,
    envelope: json,
    tokens,
    ...buildVersion(envelope, tokens),
    ...readAttributes(envelope, { mentionsBot: mentions_bot, channelType: channel_type }),
    ...(expects_answer ? { expectsAnswer: true } : {}),
  };
};

export type { MessageMarker, SeenRow, VersionRow };
export { parseMessageMarker, SeenTable };
