/** The table `dibs-history`: one row for each claim that has ended. */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { type ClaimPlace, serializeClaimId } from "#core/dibs/claim-id";
import type { EndedClaim } from "#core/dibs/queue";
import { BY_QUEUE } from "#core/dibs/tables";
import type { QueueKey } from "#stores/dibs/dibs-table";
import { Table } from "#stores/table";

/** A claim in the history. */
interface PastClaim {
  /** The claim's id in the API. */
  claimId: string;
  ended: EndedClaim;
  /** Position in the list, for paging. */
  place: string;
}

interface HistoryRow {
  claim: string;
  queue: string;
  place: string;
  /** JSON of an `EndedClaim`. */
  ended: string;
  expires_at: number;
}

/** A quarter of a year, to see how a resource is used. */
const KEPT_DAYS = 90;
const DAY_SECONDS = 86_400;
/** Milliseconds have thirteen digits until the year 2286, so times sort as text. */
const TIME_DIGITS = 13;

/** Builds a position that sorts by time, before all claims that ended at that time. */
const buildPlace = (timeMs: number): string => String(timeMs).padStart(TIME_DIGITS, "0");

const buildQueueKey = ({ team, name }: QueueKey): string => `${team}/${name}`;

const parsePast = ({ claim, ended, place }: HistoryRow): PastClaim => ({ claimId: claim, ended: JSON.parse(ended) as EndedClaim, place });

class DibsHistoryTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Records a claim that has ended. Idempotent. */
  async put(queue: QueueKey, ended: EndedClaim, deadline: Deadline): Promise<void> {
    const row = {
      claim: serializeClaimId({ ...queue, id: ended.claim.id }),
      queue: buildQueueKey(queue),
      place: `${buildPlace(ended.endedAtMs)}#${ended.claim.id}`,
      ended: JSON.stringify(ended),
      expires_at: Math.ceil(ended.endedAtMs / 1000) + KEPT_DAYS * DAY_SECONDS,
    } satisfies HistoryRow;
    await this.#table.put(row, deadline);
  }

  /** Finds a claim that has ended, strongly consistent. */
  async find(place: ClaimPlace, deadline: Deadline): Promise<EndedClaim | undefined> {
    const row = await this.#table.get<HistoryRow>({ claim: serializeClaimId(place) }, deadline);
    return row && parsePast(row).ended;
  }

  /** Lists the claims of a queue before `before`, latest first. */
  async list(queue: QueueKey, { limit, before = "~" }: { limit: number; before?: string }, deadline: Deadline): Promise<PastClaim[]> {
    const rows = await this.#table.query<HistoryRow>(
      {
        IndexName: BY_QUEUE.name,
        KeyConditionExpression: "queue = :queue AND place < :before",
        ExpressionAttributeValues: { ":queue": buildQueueKey(queue), ":before": before },
        ScanIndexForward: false,
        Limit: limit,
      },
      deadline,
    );
    return rows.map(parsePast);
  }
}

export type { PastClaim };
export { buildPlace, DibsHistoryTable };
