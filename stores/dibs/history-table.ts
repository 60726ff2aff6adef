/** The table `dibs-history`: one item for each claim that has ended. */
import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { type ClaimPlace, serializeClaimId } from "#core/dibs/claim-id";
import type { EndedClaim } from "#core/dibs/queue";
import type { QueueKey } from "#stores/dibs/dibs-table";
import { retryUntil } from "#stores/retry";

/** A claim in the history, with the place in the list at which it stands. */
interface PastClaim {
  /** As the outside knows it. */
  claimId: string;
  ended: EndedClaim;
  place: string;
}

/** A season's worth, to see how a thing is used. */
const KEPT_DAYS = 90;
const DAY_SECONDS = 86_400;
/** Milliseconds have thirteen digits until the year 2286, so times sort as text. */
const TIME_DIGITS = 13;

/** Places sort by time; a time alone stands before all that ended at it. */
const buildPlace = (timeMs: number): string => String(timeMs).padStart(TIME_DIGITS, "0");

const buildQueueKey = ({ team, name }: QueueKey): string => `${team}/${name}`;

const parsePast = (item: Record<string, AttributeValue>): PastClaim => ({
  claimId: item["claim"]?.S ?? "",
  ended: JSON.parse(item["ended"]?.S ?? "null") as EndedClaim,
  place: item["place"]?.S ?? "",
});

class DibsHistoryTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly queueIndex = "",
  ) {}

  /** Records a claim that has ended; doing it again changes nothing. */
  async put(queue: QueueKey, ended: EndedClaim, deadline: Deadline): Promise<void> {
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        claim: { S: serializeClaimId({ ...queue, id: ended.claim.id }) },
        queue: { S: buildQueueKey(queue) },
        place: { S: `${buildPlace(ended.endedAtMs)}#${ended.claim.id}` },
        ended: { S: JSON.stringify(ended) },
        expires_at: { N: String(Math.ceil(ended.endedAtMs / 1000) + KEPT_DAYS * DAY_SECONDS) },
      },
    });
    await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
  }

  /** Finds a claim that has ended, strongly consistent. */
  async find(place: ClaimPlace, deadline: Deadline): Promise<EndedClaim | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key: { claim: { S: serializeClaimId(place) } }, ConsistentRead: true });
    const { Item } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    return Item && parsePast(Item).ended;
  }

  /** Lists the claims of a queue, the latest first, those before `before`. */
  async list(queue: QueueKey, { limit, before = "~" }: { limit: number; before?: string }, deadline: Deadline): Promise<PastClaim[]> {
    const command = new QueryCommand({
      TableName: this.table,
      IndexName: this.queueIndex,
      KeyConditionExpression: "queue = :queue AND place < :before",
      ExpressionAttributeValues: { ":queue": { S: buildQueueKey(queue) }, ":before": { S: before } },
      ScanIndexForward: false,
      Limit: limit,
    });
    const { Items = [] } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    return Items.map(parsePast);
  }
}

export type { PastClaim };
export { buildPlace, DibsHistoryTable };
