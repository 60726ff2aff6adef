/** When the card of a task was last changed, in the table `agent-tasks`: Slack accepts about one change in three seconds. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { Table } from "#stores/table";

/** A change that far ahead was made by a clock that has been put back since. */
const FAR_MS = 3_600_000;

class TaskCards {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Takes the turn to change a card, so that the next comes `paceMs` later. Returns 0, or how long to wait if the turn is not free yet. */
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
