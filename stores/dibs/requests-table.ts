/** The table `dibs-requests`: the answers to commands and clicks, so that a retry gets the same answer. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { SlashAnswer } from "#core/slack/slash-answer";
import { Table } from "#stores/table";

interface RequestRow {
  request: string;
  /** JSON */
  answer: string;
  expires_at: number;
}

/** A signature is valid for five minutes before and after its time, and clocks may differ by ten. */
const KEPT_SECONDS = 3600;

class RequestsTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Finds the answer to a request, strongly consistent; undefined if it has not been answered. */
  async find<T extends SlashAnswer>(request: string, deadline: Deadline): Promise<T | undefined> {
    const row = await this.#table.get<RequestRow>({ request }, deadline);
    return row && (JSON.parse(row.answer) as T);
  }

  /** Puts the answer to a request; the first answer stays. */
  async put(request: string, answer: SlashAnswer, nowMs: number, deadline: Deadline): Promise<void> {
    await this.#table.putIf(
      {
        Item: { request, answer: JSON.stringify(answer), expires_at: Math.ceil(nowMs / 1000) + KEPT_SECONDS } satisfies RequestRow,
        ConditionExpression: "attribute_not_exists(#request)",
        ExpressionAttributeNames: { "#request": "request" },
      },
      deadline,
    );
  }
}

export { RequestsTable };
