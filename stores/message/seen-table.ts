/** The table `seen`: a marker for each message, event id, chunk of counters and subscriber's effect. */
import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { type Message, parseEnvelope, readAttributes, scopeOf, serializeFrozenTokens, tokensIn } from "#core/message/message";
import type { TokenCount } from "#core/message/tokens";
import { batchGet } from "#stores/batch-get";
import type { Item, Marker } from "#stores/count-once";
import { retryUntil } from "#stores/retry";

/** A message as its marker remembers it. */
interface MessageMarker extends Message {
  acceptedAtMs: number;
  /** Still to be published and settled. */
  pending: boolean;
  /** The first answer; when there is one, everything is counted. */
  answer?: string;
}

class SeenTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly pendingIndex = "",
  ) {}

  /** Builds the marker of a message that is about to be accepted. It has no `expires_at`: nothing pending ever expires. */
  buildMessageMarker(message: Message, acceptedAtMs: number): Marker {
    const frozen = serializeFrozenTokens(message.envelope, message.tokens);
    return this.buildMarker(message.id, {
      envelope: { S: message.envelope },
      ...(message.channelType === undefined ? {} : { channel_type: { S: message.channelType } }),
      pending: { S: "yes" },
      accepted_at: { N: String(acceptedAtMs) },
      ...(frozen === undefined ? {} : { tokens: { S: frozen } }),
    });
  }

  /** Builds the bare marker of an event id; it leads to the message, and no message id looks like its key. */
  buildEventMarker(team: string, eventId: string, messageId: string, expiresAtSeconds: number): Marker {
    return this.buildMarker(`event#${team}#${eventId}`, { message_id: { S: messageId }, expires_at: { N: String(expiresAtSeconds) } });
  }

  /** Builds the marker of an effect: a chunk of counters, or what a subscriber did. */
  buildEffectMarker(id: string, expiresAtSeconds: number): Marker {
    return this.buildMarker(id, { expires_at: { N: String(expiresAtSeconds) } });
  }

  private buildMarker(id: string, rest: Item): Marker {
    return { table: this.table, keyName: "event_id", item: { event_id: { S: id }, ...rest } };
  }

  /** Reads a message's marker, strongly consistent; undefined when there is none. */
  async get(id: string, deadline: Deadline): Promise<MessageMarker | undefined> {
    const { Item } = await retryUntil(deadline, () =>
      this.client.send(new GetItemCommand({ TableName: this.table, Key: { event_id: { S: id } }, ConsistentRead: true }), {
        abortSignal: deadline.signal(),
      }),
    );
    return Item && parseMessageMarker(Item);
  }

  /** Finds out which of some markers exist, strongly consistent. */
  async findExisting(ids: readonly string[], deadline: Deadline): Promise<Set<string>> {
    const keys = ids.map(id => ({ event_id: { S: id } }));
    const items = await batchGet(this.client, this.table, keys, ["event_id"], deadline);
    return new Set(items.flatMap(({ event_id }) => event_id?.S ?? []));
  }

  /** Settles a message: nothing is left to do, and the first answer stays. Returns the answer that counts. */
  settle(id: string, answer: string, expiresAtSeconds: number, deadline: Deadline): Promise<string> {
    return this.answer(id, answer, deadline, {
      UpdateExpression: "SET answer = if_not_exists(answer, :answer), expires_at = :expires REMOVE pending, tokens",
      ExpressionAttributeValues: { ":expires": { N: String(expiresAtSeconds) } },
    });
  }

  /** Keeps the answer of a message that is counted but not published; the tokens make room for it. Returns the answer that counts. */
  keepAnswer(id: string, answer: string, deadline: Deadline): Promise<string> {
    return this.answer(id, answer, deadline, { UpdateExpression: "SET answer = if_not_exists(answer, :answer) REMOVE tokens" });
  }

  private async answer(
    id: string,
    answer: string,
    deadline: Deadline,
    update: Pick<UpdateItemCommandInput, "UpdateExpression" | "ExpressionAttributeValues">,
  ): Promise<string> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: { event_id: { S: id } },
      ...update,
      ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ":answer": { S: answer } },
      // A marker that expired in between must not come back without its envelope.
      ConditionExpression: "attribute_exists(envelope)",
      ReturnValues: "ALL_NEW",
    });
    const { Attributes } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    return Attributes?.["answer"]?.S ?? answer;
  }

  /** Lists the ids of pending messages that were accepted before a time, oldest first. */
  async listPending(beforeMs: number): Promise<string[]> {
    const ids: string[] = [];
    let next: Item | undefined;
    do {
      const page: QueryCommandOutput = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          IndexName: this.pendingIndex,
          KeyConditionExpression: "#pending = :yes AND #accepted < :before",
          ExpressionAttributeNames: { "#pending": "pending", "#accepted": "accepted_at" },
          ExpressionAttributeValues: { ":yes": { S: "yes" }, ":before": { N: String(beforeMs) } },
          ExclusiveStartKey: next,
        }),
      );
      ids.push(...(page.Items ?? []).flatMap(({ event_id }) => event_id?.S ?? []));
      next = page.LastEvaluatedKey;
    } while (next !== undefined);
    return ids;
  }
}

/** Reads a message's marker out of its item. Throws `BadEnvelope` when the item holds no envelope. */
const parseMessageMarker = (item: Item): MessageMarker => {
  const json = item["envelope"]?.S ?? "";
  const envelope = parseEnvelope(json);
  const frozen = item["tokens"]?.S;
  const answer = item["answer"]?.S;
  return {
    id: envelope.id,
    envelope: json,
    tokens: frozen === undefined ? (tokensIn(envelope) ?? []) : (JSON.parse(frozen) as TokenCount[]),
    scope: scopeOf(envelope),
    // Older markers have `mentions_bot` because their envelopes don't tell.
    ...readAttributes(envelope, { mentionsBot: item["mentions_bot"]?.BOOL, channelType: item["channel_type"]?.S }),
    acceptedAtMs: Number(item["accepted_at"]?.N ?? 0),
    pending: item["pending"] !== undefined,
    ...(answer === undefined ? {} : { answer }),
  };
};

export type { MessageMarker };
export { parseMessageMarker, SeenTable };
