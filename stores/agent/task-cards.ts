/** When the card of a task was last changed, in the table `agent-tasks`: Slack accepts about one change in three seconds. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { Table } from "#stores/table";

/** If the last change is this far in the future, a wrong clock recorded it. It then delays nothing. */
const FAR_MS = 3_600_000;

class TaskCards {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Reserves a change of the card, at least `paceMs` after the last one. Returns 0, or the milliseconds to wait before trying again. */
  async takeTurn(task: string, nowMs: number, paceMs: number, deadline: Deadline): Promise<number> {
    const { isWritten, row } = await this.#table.updateIf<{ card_at?: number }>(
      {
        Key: { task, item: "task" },
        UpdateExpression: "SET card_at = :now",
        ConditionExpression: "attribute_exists(task) AND (attribute_not_exists(card_at) OR card_at <= :before OR card_at > :far)",
        ExpressionAttributeValues: { ":now": nowMs, ":before": nowMs - paceMs, ":far": nowMs + FAR_MS },
      },
      deadline,
    );
    return isWritten ? 0 : Math.max(1, (row?.card_at ?? nowMs) + paceMs - nowMs);
  }
}

export { TaskCards };
