/** The table `dibs-requests`: commands and clicks that were answered, with their answers. */
import { ConditionalCheckFailedException, type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { SlashAnswer } from "#core/slack/slash-answer";
import { retryUntil } from "#stores/retry";

/** A signature is good for five minutes before and after its time, and clocks may differ by ten. */
const KEPT_SECONDS = 3600;

class RequestsTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** Finds how a request was answered, strongly consistent; undefined when it was not. */
  async find<T extends SlashAnswer>(request: string, deadline: Deadline): Promise<T | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key: { request: { S: request } }, ConsistentRead: true });
    const { Item } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    const answer = Item?.["answer"]?.S;
    return answer === undefined ? undefined : (JSON.parse(answer) as T);
  }

  /** Puts how a request was answered; the first answer stays. */
  async put(request: string, answer: SlashAnswer, nowMs: number, deadline: Deadline): Promise<void> {
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        request: { S: request },
        answer: { S: JSON.stringify(answer) },
        expires_at: { N: String(Math.ceil(nowMs / 1000) + KEPT_SECONDS) },
      },
      ConditionExpression: "attribute_not_exists(#request)",
      ExpressionAttributeNames: { "#request": "request" },
    });
    try {
      await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

export { RequestsTable };
