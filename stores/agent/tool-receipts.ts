/** The receipts of agents' calls, in the table `agent-gateway`: each key's call is done once, and its first result stays. */
import {
  type DynamoDBClient,
  type Put,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { JsonObject } from "#core/json";
import type { Limit } from "#stores/agent/tool-limits";
import { KEPT_MS } from "#stores/agent/tool-retention";
import { retryUntil } from "#stores/retry";
import { parseRow, Table } from "#stores/table";

/** The idempotency key of a call. */
interface ReceiptKey {
  /** The id of the task, or `gateway` for a call without one. */
  task: string;
  key: string;
}

/** One attempt to do a call. */
interface Claimant {
  tool: string;
  /** Hash of the call's arguments. */
  fingerprint: string;
  /** Unique to the attempt. */
  claimant: string;
  nowMs: number;
  /** When API Gateway received the request, by its clock; undefined for a call that did not come through it. */
  requestedAtMs: number | undefined;
}

/** How an attempt to claim a call ended. */
type ReceiptClaim =
  /** The caller has to do it. `sinceMs` is the time of the first claim; if the claim is not `first`, more than the `draft` may be done already. */
  | { state: "mine"; first: boolean; sinceMs: number; draft?: JsonObject }
  | { state: "done"; tool: string; fingerprint: string; result: JsonObject }
  /** Another attempt claimed it and has not ended: that attempt is at work, or dead. */
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

interface SettledCall {
  result: JsonObject;
  /** The message that the call posted. Its task may update it from now on. */
  message: Message | undefined;
  nowMs: number;
}

interface ReceiptRow {
  task: string;
  item: string;
  state: "posting" | "done";
  tool: string;
  fingerprint: string;
  claimant?: string;
  /** How often it was claimed. */
  claims: number;
  since_ms: number;
  requested_at?: number | null;
  /** JSON of the result, or of the draft while the state is `posting`. */
  result?: string;
  expires_at: number;
}

/** The claimant of a claim that was released. */
const RELEASED = "released";

class ToolReceipts {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /**
   * Claims a call that nobody holds. The first claim of a key counts towards the limits, in the same transaction; later claims don't. Throws
   * `NotDurable` when time runs out.
   */
  async claim(place: ReceiptKey, claimant: Claimant, limits: readonly Limit[], deadline: Deadline): Promise<ReceiptClaim> {
    const known = await retryUntil(deadline, () => this.putFirst(place, claimant, limits, deadline));
    if (known === undefined) return { state: "mine", first: true, sinceMs: claimant.nowMs };
    if ("limit" in known) return { state: "over", limit: known.limit };
    const claim = parseReceipt(known.receipt, claimant);
    const isReleased = claim.state === "taken" && claim.claimant === RELEASED;
    return isReleased && claim.fingerprint === claimant.fingerprint ? this.takeOver(place, claimant, RELEASED, deadline) : claim;
  }

  /** Puts the first receipt of a key. Returns the receipt or the limit that prevents it. */
  private async putFirst(
    place: ReceiptKey,
    claimant: Claimant,
    limits: readonly Limit[],
    deadline: Deadline,
  ): Promise<{ receipt: ReceiptRow } | { limit: Limit } | undefined> {
    try {
      await this.#table.client.send(
        new TransactWriteItemsCommand({ TransactItems: [this.buildPut(place, claimant), ...limits.map(({ count }) => count)] }),
        { abortSignal: deadline.signal() },
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const [first] = reasons;
      // The receipt comes before the limits: a repeated call must not count again.
      const receipt = parseRow<ReceiptRow>(first?.Item);
      if (first?.Code === "ConditionalCheckFailed" && receipt !== undefined) return { receipt };
      const limit = limits.find((_, index) => reasons[index + 1]?.Code === "ConditionalCheckFailed");
      // After a conflict on the receipt, the receipt may exist by now.
      if (limit === undefined || (first?.Code ?? "None") !== "None") throw error;
      return { limit };
    }
  }

  private buildPut({ task, key }: ReceiptKey, { tool, fingerprint, claimant, nowMs, requestedAtMs }: Claimant): TransactWriteItem {
    const row = {
      ...buildKey(task, key),
      state: "posting",
      tool,
      fingerprint,
      claimant,
      claims: 1,
      since_ms: nowMs,
      requested_at: requestedAtMs ?? null,
      expires_at: buildExpiry(nowMs),
    } satisfies ReceiptRow;
    return {
      Put: this.#table.build<Put>({
        Item: row,
        ConditionExpression: "attribute_not_exists(task)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    };
  }

  /** Takes over the claim of a dead attempt. If several try at once, only one succeeds, because the claim then has a new holder. */
  async takeOver(place: ReceiptKey, claimant: Claimant, dead: string, deadline: Deadline): Promise<ReceiptClaim> {
    const { row } = await this.#table.updateIf<ReceiptRow>(
      {
        Key: buildKey(place.task, place.key),
        UpdateExpression: "SET claimant = :claimant, requested_at = :requested ADD claims :one",
        ConditionExpression: "#state = :posting AND claimant = :dead",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: {
          ":claimant": claimant.claimant,
          ":requested": claimant.requestedAtMs ?? null,
          ":one": 1,
          ":posting": "posting",
          ":dead": dead,
        },
        ReturnValues: "ALL_NEW",
      },
      deadline,
    );
    return parseReceipt(row, claimant);
  }

  /** Keeps a call's result, and records that the message it posted belongs to the task. */
  async settle({ task, key }: ReceiptKey, { result, message, nowMs }: SettledCall, deadline: Deadline): Promise<void> {
    const expiresAt = buildExpiry(nowMs);
    const settled = this.#table.build<Update>({
      Key: buildKey(task, key),
      UpdateExpression: "SET #state = :done, #result = :result, expires_at = :expires REMOVE claimant, requested_at",
      ExpressionAttributeNames: { "#state": "state", "#result": "result" },
      ExpressionAttributeValues: { ":done": "done", ":result": JSON.stringify(result), ":expires": expiresAt },
    });
    const posted = message && this.#table.build<Put>({ Item: { ...buildMessageKey(task, message), expires_at: expiresAt } });
    const command = new TransactWriteItemsCommand({ TransactItems: [{ Update: settled }, ...(posted ? [{ Put: posted }] : [])] });
    await retryUntil(deadline, () => this.#table.client.send(command, { abortSignal: deadline.signal() }));
  }

  /** Stores the progress of a call, for the attempt that continues it. */
  async keepDraft({ task, key }: ReceiptKey, draft: JsonObject, deadline: Deadline): Promise<void> {
    await this.#table.update(
      {
        Key: buildKey(task, key),
        UpdateExpression: "SET #result = :draft",
        ConditionExpression: "#state = :posting",
        ExpressionAttributeNames: { "#state": "state", "#result": "result" },
        ExpressionAttributeValues: { ":draft": JSON.stringify(draft), ":posting": "posting" },
      },
      deadline,
    );
  }

  /** Releases a claim whose call was not done. Does nothing if another attempt holds the claim by now. */
  async release({ task, key }: ReceiptKey, claimant: string, deadline: Deadline): Promise<void> {
    await this.#table.updateIf(
      {
        Key: buildKey(task, key),
        UpdateExpression: "SET claimant = :released",
        ConditionExpression: "claimant = :claimant",
        ExpressionAttributeValues: { ":released": RELEASED, ":claimant": claimant },
      },
      deadline,
    );
  }

  /** Tells whether a call of this task posted a message. */
  async isPosted(task: string, message: Message, deadline: Deadline): Promise<boolean> {
    return (await this.#table.get(buildMessageKey(task, message), deadline)) !== undefined;
  }
}

const buildKey = (task: string, key: string) => ({ task, item: `receipt#${key}` });

const buildMessageKey = (task: string, { channel, ts }: Message) => ({ task, item: `message#${channel}#${ts}` });

const buildExpiry = (nowMs: number): number => Math.ceil((nowMs + KEPT_MS) / 1000);

/** Interprets a receipt for an attempt that wants to claim it. Recognises the attempt's own claim after a lost answer. */
const parseReceipt = (row: Partial<ReceiptRow> = {}, { claimant, nowMs }: Claimant): ReceiptClaim => {
  const { state, tool = "", fingerprint = "", result, claims, since_ms: sinceMs = nowMs, requested_at } = row;
  if (state === "done") return { state, tool, fingerprint, result: JSON.parse(result ?? "{}") as JsonObject };
  if (row.claimant === claimant) {
    const draft = result === undefined ? {} : { draft: JSON.parse(result) as JsonObject };
    return { state: "mine", first: claims === 1, sinceMs, ...draft };
  }
  return { state: "taken", tool, fingerprint, claimant: row.claimant ?? RELEASED, requestedAtMs: requested_at ?? undefined };
};

export type { Claimant, Holder, ReceiptClaim, ReceiptKey };
export { ToolReceipts };
