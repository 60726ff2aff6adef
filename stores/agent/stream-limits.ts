/**
 * Counts how often a team's streams are started and appended to, in the table `agent-gateway`. Slack limits both for each workspace, not for each stream.
 * Source: https://docs.slack.dev/apis/web-api/rate-limits
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { Table } from "#stores/table";

type StreamCall = "start" | "append";

interface LimitRow {
  /** Epoch milliseconds of the calls of the last minute, oldest first. */
  calls?: number[];
  version?: number;
}

/** The most calls in any minute. Slack's limits are 20 and 100. */
const MOST_A_MINUTE: Record<StreamCall, number> = { start: 14, append: 79 };
const MINUTE_MS = 60_000;
/** Calls of other streams may come at the same time. */
const TRIES = 5;
const KEPT_SECONDS = 3600;

class StreamLimits {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Counts a call. Returns false, without counting, if the team has reached the limit of calls in the last minute. */
  async take(team: string, call: StreamCall, nowMs: number, deadline: Deadline): Promise<boolean> {
    const Key = { task: `streams#${team}`, item: call };
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { calls = [], version = 0 } = (await this.#table.get<LimitRow>(Key, deadline)) ?? {};
      // Calls from up to a minute ahead count, since clocks differ. Later times come from a wrong clock.
      const recent = calls.filter(atMs => atMs > nowMs - MINUTE_MS && atMs <= nowMs + MINUTE_MS);
      if (recent.length >= MOST_A_MINUTE[call]) return false;
      const { isWritten } = await this.#table.putIf(
        {
          Item: { ...Key, calls: [...recent, nowMs], version: version + 1, expires_at: Math.ceil(nowMs / 1000) + KEPT_SECONDS },
          ConditionExpression: "attribute_not_exists(task) OR version = :version",
          ExpressionAttributeValues: { ":version": version },
        },
        deadline,
      );
      if (isWritten) return true;
    }
    return false;
  }
}

export { StreamLimits };
