/** The table `accounts`: which systems a person has an account in, and what access it gives. Stands for the systems themselves. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Person } from "#core/onboarding/person";
import { createDynamoDB } from "#stores/aws-clients";
import { Table } from "#stores/table";

/** A person of a team, by Slack's ids. */
type PersonId = Pick<Person, "team" | "user">;

interface AccountRow {
  /** `TEAM#USER` */
  person: string;
  system: string;
  name: string;
  access?: string;
}

const buildPartition = ({ team, user }: PersonId): string => `${team}#${user}`;

class AccountsTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Opens an account. Doing it again changes nothing: the access that the account has stays. */
  async open(person: Person, system: string): Promise<void> {
    await this.#table.update({
      Key: { person: buildPartition(person), system },
      UpdateExpression: "SET #name = if_not_exists(#name, :name)",
      ExpressionAttributeNames: { "#name": "name" },
      ExpressionAttributeValues: { ":name": person.name },
    });
  }

  /** Lists the systems in which a person has an account, strongly consistent. */
  async listSystems(person: PersonId): Promise<string[]> {
    const rows = await this.#table.query<AccountRow>({
      KeyConditionExpression: "person = :person",
      ExpressionAttributeValues: { ":person": buildPartition(person) },
      ConsistentRead: true,
    });
    return rows.map(({ system }) => system);
  }

  /** Sets what an account may do. Returns false if there is no account. */
  async giveAccess(person: PersonId, system: string, access: string): Promise<boolean> {
    const { isWritten } = await this.#table.updateIf({
      Key: { person: buildPartition(person), system },
      UpdateExpression: "SET #access = :access",
      ConditionExpression: "attribute_exists(person)",
      ExpressionAttributeNames: { "#access": "access" },
      ExpressionAttributeValues: { ":access": access },
    });
    return isWritten;
  }
}

const createAccountsTable = (table: string): AccountsTable => new AccountsTable(createDynamoDB("background"), table);

export { AccountsTable, createAccountsTable };
