/** The receipts of agents' calls, in the table `agent-gateway`: a call is done once per key, and its first result stays. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { JsonObject } from "#core/json";
import type { Limit } from "#stores/agent/tool-limits";
import { KEPT_MS } from "#stores/agent/tool-retention";
import { retryUntil } from "#stores/retry";

/** Which call it is: of a task, or of nobody's (`gateway`), under a key. */
interface ReceiptKey {
  task: string;
  key: string;
}

/** What a receipt is claimed with. `fingerprint` is of the call's arguments; `claimant` is unique to the attempt. */
interface Claimant {
  tool: string;
  fingerprint: string;
  claimant: string;
  nowMs: number;
  /** When API Gateway got the request, by its clock; undefined for a call that did not come through it. */
  requestedAtMs: number | undefined;
}

/** What came of the wish to do a call. */
type ReceiptClaim =
  /** It is this caller's to do; `sinceMs` is when somebody first was about to, and who is not `first` can't know what was done beyond the `draft`. */
  | { state: "mine"; first: boolean; sinceMs: number; draft?: JsonObject }
  | { state: "done"; tool: string; fingerprint: string; result: JsonObject }
  /** Another attempt claimed it and has not ended it: that attempt is at work, or dead. */
  | ({ state: "taken"; tool: string; fingerprint: string } & Holder)
  | { state: "over"; limit: Limit };

/** The attempt that holds a claim. */
interface Holder {
  claimant: string;
  requestedAtMs: number | undefined;
}

interface Message {
  channel: string;
  ts: string;
}

type Item = Record<string, AttributeValue>;

/** The claimant of a claim that was given back. */
const RELEASED = "released";

class ToolReceipts {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /**
   * Claims a call that nobody holds. The first claim of a key is counted by `limits` in the same transaction, later ones are not. Throws
   * `NotDurable` when the time is up.
   */
  async claim(place: ReceiptKey, claimant: Claimant, limits: readonly Limit[], deadline: Deadline): Promise<ReceiptClaim> {
    const known = await retryUntil(deadline, () => this.putFirst(place, claimant, limits, deadline));
    if (known === undefined) return { state: "mine", first: true, sinceMs: claimant.nowMs };
    if ("limit" in known) return { state: "over", limit: known.limit };
    const claim = parseReceipt(known.receipt, claimant);
    const isReleased = claim.state === "taken" && claim.claimant === RELEASED;
    return isReleased && claim.fingerprint === claimant.fingerprint ? this.takeOver(place, claimant, RELEASED, deadline) : claim;
  }

  /** Writes a receipt that nobody has written. Returns undefined, or what stands against it. */
  private async putFirst(
    place: ReceiptKey,
    claimant: Claimant,
    limits: readonly Limit[],
    deadline: Deadline,
  ): Promise<{ receipt: Item } | { limit: Limit } | undefined> {
    try {
      await this.client.send(
        new TransactWriteItemsCommand({ TransactItems: [this.buildPut(place, claimant), ...limits.map(({ count }) => count)] }),
        { abortSignal: deadline.signal() },
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const [first] = reasons;
      // First the receipt: a call that was counted before is no further one.
      if (first?.Code === "ConditionalCheckFailed") return { receipt: first.Item ?? {} };
      const limit = limits.find((_, index) => reasons[index + 1]?.Code === "ConditionalCheckFailed");
      // A conflict about the receipt may hide that it is there by now.
      if (limit === undefined || (first?.Code ?? "None") !== "None") throw error;
      return { limit };
    }
  }

  private buildPut({ task, key }: ReceiptKey, { tool, fingerprint, claimant, nowMs, requestedAtMs }: Claimant): TransactWriteItem {
    return {
      Put: {
        TableName: this.table,
        Item: {
          ...buildKey(task, key),
          state: { S: "posting" },
          tool: { S: tool },
          fingerprint: { S: fingerprint },
          claimant: { S: claimant },
          claims: { N: "1" },
          since_ms: { N: String(nowMs) },
          requested_at: buildRequestedAt(requestedAtMs),
          expires_at: { N: String(Math.ceil((nowMs + KEPT_MS) / 1000)) },
        },
        ConditionExpression: "attribute_not_exists(task)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    };
  }

  /** Takes over the claim of a dead attempt. If several try at once, only one succeeds, because the claim then has a new holder. */
  async takeOver(place: ReceiptKey, claimant: Claimant, dead: string, deadline: Deadline): Promise<ReceiptClaim> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: buildKey(place.task, place.key),
      UpdateExpression: "SET claimant = :claimant, requested_at = :requested ADD claims :one",
      ConditionExpression: "#state = :posting AND claimant = :dead",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: {
        ":claimant": { S: claimant.claimant },
        ":requested": buildRequestedAt(claimant.requestedAtMs),
        ":one": { N: "1" },
        ":posting": { S: "posting" },
        ":dead": { S: dead },
      },
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      const { Attributes = {} } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
      return parseReceipt(Attributes, claimant);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return parseReceipt(error.Item ?? {}, claimant);
    }
  }

  /** Keeps a call's result; and of a posted message that it is this task's, which may be updated then. */
  async settle(
    { task, key }: ReceiptKey,
    result: JsonObject,
    message: Message | undefined,
    nowMs: number,
    deadline: Deadline,
  ): Promise<void> {
    const expires = { N: String(Math.ceil((nowMs + KEPT_MS) / 1000)) };
    const settled: TransactWriteItem = {
      Update: {
        TableName: this.table,
        Key: buildKey(task, key),
        UpdateExpression: "SET #state = :done, #result = :result, expires_at = :expires REMOVE claimant, requested_at",
        ExpressionAttributeNames: { "#state": "state", "#result": "result" },
        ExpressionAttributeValues: { ":done": { S: "done" }, ":result": { S: JSON.stringify(result) }, ":expires": expires },
      },
    };
    const posted: TransactWriteItem[] = message
      ? [{ Put: { TableName: this.table, Item: { ...buildMessageKey(task, message), expires_at: expires } } }]
      : [];
    const command = new TransactWriteItemsCommand({ TransactItems: [settled, ...posted] });
    await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
  }

  /** Keeps what is done of a call so far, for whoever goes on with it. */
  async keepDraft({ task, key }: ReceiptKey, draft: JsonObject, deadline: Deadline): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: buildKey(task, key),
      UpdateExpression: "SET #result = :draft",
      ConditionExpression: "#state = :posting",
      ExpressionAttributeNames: { "#state": "state", "#result": "result" },
      ExpressionAttributeValues: { ":draft": { S: JSON.stringify(draft) }, ":posting": { S: "posting" } },
    });
    await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
  }

  /** Gives a claim back: what it was for has not been done. Does nothing where the claim is another's by now. */
  async release({ task, key }: ReceiptKey, claimant: string, deadline: Deadline): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: buildKey(task, key),
      UpdateExpression: "SET claimant = :released",
      ConditionExpression: "claimant = :claimant",
      ExpressionAttributeValues: { ":released": { S: RELEASED }, ":claimant": { S: claimant } },
    });
    try {
      await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** Tells whether a message was posted by a call of this task. */
  async isPosted(task: string, message: Message, deadline: Deadline): Promise<boolean> {
    const command = new GetItemCommand({ TableName: this.table, Key: buildMessageKey(task, message), ConsistentRead: true });
    const { Item } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    return Item !== undefined;
  }
}

const buildKey = (task: string, key: string): Item => ({ task: { S: task }, item: { S: `receipt#${key}` } });

const buildRequestedAt = (requestedAtMs: number | undefined): AttributeValue =>
  requestedAtMs === undefined ? { NULL: true } : { N: String(requestedAtMs) };

const buildMessageKey = (task: string, { channel, ts }: Message): Item => ({ task: { S: task }, item: { S: `message#${channel}#${ts}` } });

/** Reads a receipt as one who wants to claim it; an own claim whose answer was lost is recognised. */
const parseReceipt = (item: Item, { claimant, nowMs }: Claimant): ReceiptClaim => {
  const { state, tool, fingerprint, result, claims, since_ms, requested_at } = item;
  const call = { tool: tool?.S ?? "", fingerprint: fingerprint?.S ?? "" };
  if (state?.S === "done") return { state: "done", ...call, result: JSON.parse(result?.S ?? "{}") as JsonObject };
  if (item["claimant"]?.S === claimant) {
    const draft = result?.S === undefined ? {} : { draft: JSON.parse(result.S) as JsonObject };
    return { state: "mine", first: claims?.N === "1", sinceMs: Number(since_ms?.N ?? nowMs), ...draft };
  }
  const requestedAtMs = requested_at?.N === undefined ? undefined : Number(requested_at.N);
  return { state: "taken", ...call, claimant: item["claimant"]?.S ?? RELEASED, requestedAtMs };
};

export type { Claimant, Holder, ReceiptClaim, ReceiptKey };
export { ToolReceipts };
