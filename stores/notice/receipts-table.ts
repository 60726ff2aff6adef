/** The table `receipts`: which notices were posted to Slack, and when the next one may be posted in a channel. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoDB } from "#stores/aws-clients";
import { type Row, Table } from "#stores/table";

/** How an attempt to claim a notice ended. */
type Claim =
  /** The caller has to post it. `sinceMs` is the time of the first claim; if the claim is not `first`, an earlier attempt may have posted it. */
  | { state: "mine"; first: boolean; sinceMs: number }
  | { state: "posted" }
  /** Another attempt claimed it and has not ended: that attempt is at work, or dead. */
  | { state: "taken"; claimant: string };

interface ReceiptRow {
  id: string;
  state: "posting" | "posted";
  /** How often it was claimed. */
  claims: number;
  since_ms: number;
  /** Absent once it is posted. */
  claimant?: string;
  expires_at: number;
}

/** The pace of a channel. */
interface TurnRow {
  next_at_ms: number;
}

/** Receipts outlive their notices: a queue keeps a notice for 4 days, then its dead-letter queue for 14 more. */
const RECEIPT_DAYS = 30;
/** A turn has no effect once it is over; its row may go soon after. */
const TURN_SECONDS = 3600;
/** Slack never lets us wait so long. A turn that is further away was set by a clock that has been put back. */
const FAR_MS = 3_600_000;
const DAY_SECONDS = 86_400;
/** The claimant of a claim that was released. */
const RELEASED = "released";

class ReceiptsTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /**
   * Claims a notice that nobody holds, or that is held by `dead`, an attempt known to have ended. Any attempt but the first must check whether
   * the notice was posted already. `claimant` must be unique to the call, so that a retry of a write whose answer was lost recognises its own
   * claim.
   */
  async claim(id: string, claimant: string, nowMs: number, dead = RELEASED): Promise<Claim> {
    const { isWritten, row } = await this.#table.updateIf<ReceiptRow>({
      Key: { id },
      UpdateExpression:
        "SET #state = :posting, claimant = :claimant, expires_at = :expires, since_ms = if_not_exists(since_ms, :now) ADD claims :one",
      ConditionExpression: "attribute_not_exists(id) OR (#state = :posting AND claimant IN (:dead, :released))",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: {
        ":posting": "posting",
        ":claimant": claimant,
        ":dead": dead,
        ":released": RELEASED,
        ":now": nowMs,
        ":one": 1,
        ":expires": Math.ceil(nowMs / 1000) + RECEIPT_DAYS * DAY_SECONDS,
      },
      ReturnValues: "ALL_NEW",
    });
    if (row?.state === "posted") return { state: "posted" };
    if (isWritten || row?.claimant === claimant) return { state: "mine", first: row?.claims === 1, sinceMs: row?.since_ms ?? nowMs };
    return { state: "taken", claimant: row?.claimant ?? RELEASED };
  }

  /** Releases a claim whose work was not done. Does nothing if another attempt holds the claim by now. */
  async release(id: string, claimant: string): Promise<void> {
    await this.#table.updateIf({
      Key: { id },
      UpdateExpression: "SET claimant = :released",
      ConditionExpression: "claimant = :claimant",
      ExpressionAttributeValues: { ":released": RELEASED, ":claimant": claimant },
    });
  }

  /** Records where a notice was posted: the channel, and the `ts` there. */
  async settle(id: string, channel: string, ts: string): Promise<void> {
    await this.#table.update({
      Key: { id },
      UpdateExpression: "SET #state = :posted, channel = :channel, ts = :ts REMOVE claimant",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ":posted": "posted", ":channel": channel, ":ts": ts },
    });
  }

  /** Takes the channel's next turn, so that the one after it comes `paceMs` later. Returns 0, or how long to wait if the turn is not free yet. */
  async takeTurn(channel: string, nowMs: number, paceMs: number): Promise<number> {
    const values = { ":now": nowMs, ":far": nowMs + FAR_MS };
    const { isWritten, row } = await this.putTurn(channel, nowMs + paceMs, "next_at_ms <= :now OR next_at_ms > :far", values);
    return isWritten ? 0 : Math.max(1, (row?.next_at_ms ?? nowMs + paceMs) - nowMs);
  }

  /** Delays a channel's next turn until a time, unless it is later already. */
  async holdBack(channel: string, untilMs: number): Promise<void> {
    await this.putTurn(channel, untilMs, "next_at_ms < :next OR next_at_ms > :far", { ":far": untilMs + FAR_MS });
  }

  /** Sets a channel's next turn if it has none yet or the condition holds; `values` are those of the condition. */
  private putTurn(channel: string, nextAtMs: number, condition: string, values: Row = {}) {
    return this.#table.updateIf<TurnRow>({
      // No notice has such an id.
      Key: { id: `turn#${channel}` },
      UpdateExpression: "SET next_at_ms = :next, expires_at = :expires",
      ConditionExpression: `attribute_not_exists(id) OR ${condition}`,
      ExpressionAttributeValues: { ...values, ":next": nextAtMs, ":expires": Math.ceil(nextAtMs / 1000) + TURN_SECONDS },
    });
  }
}

const createReceiptsTable = (table: string): ReceiptsTable => new ReceiptsTable(createDynamoDB("background"), table);

export { createReceiptsTable, ReceiptsTable };
