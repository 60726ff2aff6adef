/** The table `receipts`: which notices were posted to Slack, and when the next one may go to a channel. */
import { type AttributeValue, ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { createDynamoDB } from "#stores/aws-clients";

/** What came of the wish to post a notice. */
type Claim =
  /** It is this caller's to post; `sinceMs` is when somebody first was about to, and before may have done so. */
  | { state: "mine"; first: boolean; sinceMs: number }
  | { state: "posted" }
  /** Another attempt claimed it and has not ended it: that attempt is at work, or dead. */
  | { state: "taken"; claimant: string };

/** How long receipts are kept: queues keep a notice for 4 days, and once in its dead letters for 14 more. */
const RECEIPT_DAYS = 30;
/** A turn that is over holds nobody back: its item is only to go some time. */
const TURN_SECONDS = 3600;
const DAY_SECONDS = 86_400;
/** The claimant of a claim that was given back. */
const RELEASED = "released";

class ReceiptsTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /**
   * Claims a notice that nobody holds, or that `dead` holds, an attempt known to have ended. Any attempt but the first has to look whether
   * the notice was posted. `claimant` is unique to the call, so that a write whose answer was lost is recognised when the
   * client repeats it.
   */
  async claim(id: string, claimant: string, nowMs: number, dead = RELEASED): Promise<Claim> {
    try {
      const { Attributes } = await this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: { id: { S: id } },
          UpdateExpression:
            "SET #state = :posting, claimant = :claimant, expires_at = :expires, since_ms = if_not_exists(since_ms, :now) ADD claims :one",
          ConditionExpression: "attribute_not_exists(id) OR (#state = :posting AND claimant IN (:dead, :released))",
          ExpressionAttributeNames: { "#state": "state" },
          ExpressionAttributeValues: {
            ":posting": { S: "posting" },
            ":claimant": { S: claimant },
            ":dead": { S: dead },
            ":released": { S: RELEASED },
            ":now": { N: String(nowMs) },
            ":one": { N: "1" },
            ":expires": { N: String(Math.ceil(nowMs / 1000) + RECEIPT_DAYS * DAY_SECONDS) },
          },
          ReturnValues: "ALL_NEW",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return { state: "mine", first: Attributes?.["claims"]?.N === "1", sinceMs: Number(Attributes?.["since_ms"]?.N ?? nowMs) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { state, claimant: holder, claims, since_ms } = error.Item ?? {};
      if (state?.S === "posted") return { state: "posted" };
      if (holder?.S === claimant) return { state: "mine", first: claims?.N === "1", sinceMs: Number(since_ms?.N ?? nowMs) };
      return { state: "taken", claimant: holder?.S ?? RELEASED };
    }
  }

  /** Releases a claim whose work was not done. Does nothing if another attempt holds the claim by now. */
  async release(id: string, claimant: string): Promise<void> {
    try {
      await this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: { id: { S: id } },
          UpdateExpression: "SET claimant = :released",
          ConditionExpression: "claimant = :claimant",
          ExpressionAttributeValues: { ":released": { S: RELEASED }, ":claimant": { S: claimant } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** Keeps the receipt of a posted notice: where, and its `ts` there. */
  async settle(id: string, channel: string, ts: string): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: { id: { S: id } },
        UpdateExpression: "SET #state = :posted, channel = :channel, ts = :ts REMOVE claimant",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: { ":posted": { S: "posted" }, ":channel": { S: channel }, ":ts": { S: ts } },
      }),
    );
  }

  /** Takes the channel's next turn, so that the one after it comes `paceMs` later. Returns how long to wait instead, 0 when the turn is taken. */
  async takeTurn(channel: string, nowMs: number, paceMs: number): Promise<number> {
    try {
      await this.putTurn(channel, nowMs + paceMs, "next_at_ms <= :now", { ":now": { N: String(nowMs) } });
      return 0;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return Math.max(1, Number(error.Item?.["next_at_ms"]?.N ?? nowMs + paceMs) - nowMs);
    }
  }

  /** Holds a channel's turns back until a time; a later one that is already set stays. */
  async holdBack(channel: string, untilMs: number): Promise<void> {
    try {
      await this.putTurn(channel, untilMs, "next_at_ms < :next");
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** Sets a channel's next turn, where it has none yet or `condition` holds of the one it has; `values` are those that the condition names. */
  private async putTurn(channel: string, nextAtMs: number, condition: string, values: Record<string, AttributeValue> = {}): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        // No notice's id looks like this.
        Key: { id: { S: `turn#${channel}` } },
        UpdateExpression: "SET next_at_ms = :next, expires_at = :expires",
        ConditionExpression: `attribute_not_exists(id) OR ${condition}`,
        ExpressionAttributeValues: {
          ...values,
          ":next": { N: String(nextAtMs) },
          ":expires": { N: String(Math.ceil(nextAtMs / 1000) + TURN_SECONDS) },
        },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
  }
}

/** Creates the store and its client. */
const createReceiptsTable = (table: string): ReceiptsTable => new ReceiptsTable(createDynamoDB("background"), table);

export type { Claim };
export { createReceiptsTable, ReceiptsTable };
