/** The rows to delete after people's `/words forget`, in the table `boards`. Nothing else reads them. */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { buildMemberKey, CHOICE_RANKING, CountKeys, type Member, type Person } from "#core/message/count-keys";
import { BY_LEVEL, BY_PERSON } from "#core/message/tables";
import type { ChoiceRow } from "#stores/message/personal-choices";
import { Table } from "#stores/table";

/** A person whose boards of the generations before this one are to be deleted. */
interface DeletionRequest extends Member, Person {}

interface BoardRowKey {
  board: string;
  token: string;
}

class ForgottenBoards {
  readonly #table: Table;

  constructor(
    client: DynamoDBClient,
    table: string,
    private readonly keys = new CountKeys(),
  ) {
    this.#table = new Table(client, table);
  }

  /** Lists people whose forgotten rows are due, longest overdue first. The index may lag by a moment. */
  async listDue(nowSeconds: number): Promise<DeletionRequest[]> {
    const due: DeletionRequest[] = [];
    const keys = this.#table.queryAll<BoardRowKey>({
      // This index also sorts people's choices, by the time when their rows are due.
      IndexName: BY_LEVEL.name,
      KeyConditionExpression: "ranking = :choices AND #level <= :now",
      ExpressionAttributeNames: { "#level": "level" },
      ExpressionAttributeValues: { ":choices": CHOICE_RANKING, ":now": nowSeconds },
    });
    for await (const { board, token } of keys) {
      const { team, user, generation = 0 } = (await this.#table.get<ChoiceRow>({ board, token })) ?? {};
      if (team !== undefined && user !== undefined) due.push({ team, user, generation });
    }
    return due;
  }

  /** Reads the keys of a person's forgotten rows, for as long as the caller asks for more. */
  listRows(person: DeletionRequest): AsyncGenerator<BoardRowKey> {
    return this.#table.queryAll<BoardRowKey>({
      IndexName: BY_PERSON.name,
      KeyConditionExpression: "person = :person AND board < :current",
      ProjectionExpression: "board, #token",
      ExpressionAttributeNames: { "#token": "token" },
      ExpressionAttributeValues: { ":person": buildMemberKey(person), ":current": this.keys.personKey(person.team, person) },
    });
  }

  /** Deletes one row. Throws `NotDurable`. */
  async delete({ board, token }: BoardRowKey, deadline: Deadline): Promise<void> {
    await this.#table.delete({ board, token }, deadline);
  }

  /** Postpones the deletion of a person's rows, unless the person has sent `/words forget` again since. Throws `NotDurable`. */
  async postpone({ team, user, generation }: DeletionRequest, dueSeconds: number, deadline: Deadline): Promise<void> {
    await this.#table.updateIf(
      {
        Key: this.keys.choiceKey({ team, user }),
        UpdateExpression: "SET #level = :due",
        ConditionExpression: "generation = :generation",
        ExpressionAttributeNames: { "#level": "level" },
        ExpressionAttributeValues: { ":due": dueSeconds, ":generation": generation },
      },
      deadline,
    );
  }
}

export type { BoardRowKey, DeletionRequest };
export { ForgottenBoards };
