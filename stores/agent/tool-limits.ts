/** How many calls that post a task has made, and all of them on one day; part of the transaction that claims a receipt. */
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { KEPT_MS } from "#stores/agent/tool-retention";

/** At most so many calls that post. */
interface ToolLimits {
  postsPerTask: number;
  /** For all tasks of one day, UTC. */
  postsPerDay: number;
}

interface Limit {
  rule: "task-limit" | "day-limit";
  atMost: number;
  count: TransactWriteItem;
}

const buildCount = (table: string, partition: string, atMost: number, nowMs: number): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: { task: { S: partition }, item: { S: "limits" } },
    UpdateExpression: "SET expires_at = :expires ADD calls :one",
    ConditionExpression: atMost > 0 ? "attribute_not_exists(calls) OR calls < :most" : "attribute_exists(calls) AND calls < :most",
    ExpressionAttributeValues: {
      ":one": { N: "1" },
      ":most": { N: String(atMost) },
      ":expires": { N: String(Math.ceil((nowMs + KEPT_MS) / 1000)) },
    },
  },
});

/** Builds what counts one call; a call without a task counts for its day only. */
const buildLimits = (table: string, task: string | undefined, limits: ToolLimits, nowMs: number): Limit[] => {
  const day = `day#${new Date(nowMs).toISOString().slice(0, 10)}`;
  const ofDay = buildCount(table, day, limits.postsPerDay, nowMs);
  return [
    ...(task === undefined
      ? []
      : [{ rule: "task-limit" as const, atMost: limits.postsPerTask, count: buildCount(table, task, limits.postsPerTask, nowMs) }]),
    { rule: "day-limit", atMost: limits.postsPerDay, count: ofDay },
  ];
};

export type { Limit, ToolLimits };
export { buildLimits };
