/** When the card of a task was last changed, in the table `agent-tasks`: Slack takes about one change in three seconds well. */
import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { retryUntil } from "#stores/retry";

class TaskCards {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** Takes the turn to change a card, so that the next comes `paceMs` later. Returns how long to wait instead, 0 when the turn is taken. */
  async takeTurn(task: string, nowMs: number, paceMs: number, deadline: Deadline): Promise<number> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: { task: { S: task }, item: { S: "task" } },
      UpdateExpression: "SET card_at = :now",
      ConditionExpression: "attribute_exists(task) AND (attribute_not_exists(card_at) OR card_at <= :before)",
      ExpressionAttributeValues: { ":now": { N: String(nowMs) }, ":before": { N: String(nowMs - paceMs) } },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
      return 0;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return Math.max(1, Number(error.Item?.["card_at"]?.N ?? nowMs) + paceMs - nowMs);
    }
  }
}

export { TaskCards };
