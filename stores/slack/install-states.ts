/** States of installations that were used, in the table `seen`: each is used once. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { VerifiedState } from "#core/slack/install-state";
import { Table } from "#stores/table";

class InstallStates {
  readonly #table: Table;

  constructor(client: DynamoDBClient, seenTable: string) {
    this.#table = new Table(client, seenTable);
  }

  /** Uses a state up. Returns false if it was used before. */
  async use({ id, expiresAtSeconds }: VerifiedState): Promise<boolean> {
    const { isWritten } = await this.#table.putIf({
      // DynamoDB may delete a row some time after it has expired. By then the state is too old anyway.
      Item: { event_id: `install-state#${id}`, expires_at: expiresAtSeconds },
      ConditionExpression: "attribute_not_exists(event_id)",
    });
    return isWritten;
  }
}

export { InstallStates };
