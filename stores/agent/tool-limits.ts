/** Limits on calls that post, per task and per day. The transaction that claims a receipt counts the call too. */
import type { TransactWriteItem, Update } from "@aws-sdk/client-dynamodb";
import { KEPT_MS } from "#stores/agent/tool-retention";
import { buildInput } from "#stores/table";

/** The most calls that post. */
interface ToolLimits {
  postsPerTask: number;
  /** For all tasks of a workspace together, per UTC day. */
  postsPerDay: number;
  /** The workspace. Undefined where the stack serves one workspace. */
  team?: string | undefined;
}

interface Limit {
  rule: "task-limit" | "day-limit";
  atMost: number;
  /** Counts one call, and fails if that would exceed the limit. */
  count: TransactWriteItem;
}

const buildCount = (table: string, partition: string, atMost: number, nowMs: number): TransactWriteItem => ({
  Update: buildInput<Update>(table, {
    Key: { task: partition, item: "limits" },
    UpdateExpression: "SET expires_at = :expires ADD calls :one",
    ConditionExpression: atMost > 0 ? "attribute_not_exists(calls) OR calls < :most" : "attribute_exists(calls) AND calls < :most",
    ExpressionAttributeValues: { ":one": 1, ":most": atMost, ":expires": Math.ceil((nowMs + KEPT_MS) / 1000) },
  }),
});

/** Builds the limits of one call. A call without a task has the limit of the day only. */
const buildLimits = (table: string, task: string | undefined, limits: ToolLimits, nowMs: number): Limit[] => {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const day = limits.team === undefined ? `day#${today}` : `day#${limits.team}#${today}`;
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
