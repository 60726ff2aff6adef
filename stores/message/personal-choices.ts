/** What people chose about their own boards: a row for each person who chose anything, in the table `boards`. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { buildChoiceKey, type Person } from "#core/message/count-keys";
import { Table } from "#stores/table";

/** Somebody in a workspace. */
interface Member {
  team: string;
  user: string;
}

interface Choice {
  /** Names the boards on which the person's words count. */
  generation: number;
}

class PersonalChoices {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Reads a choice, strongly consistent. Throws `NotDurable`. */
  async read({ user }: Member, deadline: Deadline): Promise<Choice> {
    const { generation = 0 } = (await this.#table.get<Partial<Choice>>(buildChoiceKey(user), deadline)) ?? {};
    return { generation };
  }

  /** Finds on whose boards the words of a person count. Throws `NotDurable`. */
  async findPerson({ team, user }: Member, deadline: Deadline): Promise<Person | undefined> {
    const { generation } = await this.read({ team, user }, deadline);
    return { user, generation };
  }
}

export type { Choice, Member };
export { PersonalChoices };
