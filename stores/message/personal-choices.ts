/** What people chose about their own boards: a row for each person who chose anything, in the table `boards`. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { CHOICE_RANKING, CountKeys, type Member, type Person } from "#core/message/count-keys";
import { Table } from "#stores/table";

interface Choice {
  /** Whether the person's words stay out of their boards. */
  off: boolean;
  /** Names the boards on which the person's words count. */
  generation: number;
}

/** The row of a choice. Only rows with a `level` are in the index of rankings, ordered by it. */
interface ChoiceRow extends Member, Partial<Choice> {
  /** From when on the rows of earlier generations are to be deleted, epoch seconds. */
  level?: number;
}

const SET_MEMBER = "SET ranking = :choices, #team = :team, #user = :user";

class PersonalChoices {
  readonly #table: Table;

  constructor(
    client: DynamoDBClient,
    table: string,
    private readonly keys = new CountKeys(),
  ) {
    this.#table = new Table(client, table);
  }

  /** Reads a choice, strongly consistent. Throws `NotDurable`. */
  async read(member: Member, deadline: Deadline): Promise<Choice> {
    const { off = false, generation = 0 } = (await this.#table.get<ChoiceRow>(this.keys.choiceKey(member), deadline)) ?? {};
    return { off, generation };
  }

  /** Finds on whose boards the words of a person count; undefined if the person has switched that off. Throws `NotDurable`. */
  async findPerson(member: Member, deadline: Deadline): Promise<Person | undefined> {
    const { off, generation } = await this.read(member, deadline);
    return off ? undefined : { user: member.user, generation };
  }

  /** Keeps what a person says out of their boards, or lets it count. Throws `NotDurable`. */
  async setOff(member: Member, off: boolean, deadline: Deadline): Promise<void> {
    await this.#table.update(
      {
        Key: this.keys.choiceKey(member),
        UpdateExpression: `${SET_MEMBER}, #off = :off`,
        ExpressionAttributeNames: { "#team": "team", "#user": "user", "#off": "off" },
        ExpressionAttributeValues: { ...buildMemberValues(member), ":off": off },
      },
      deadline,
    );
  }

  /** Starts new boards for a person. The rows of the earlier ones are due for deletion from `nowSeconds` on. Throws `NotDurable`. */
  async forget(member: Member, nowSeconds: number, deadline: Deadline): Promise<void> {
    await this.#table.update(
      {
        Key: this.keys.choiceKey(member),
        UpdateExpression: `${SET_MEMBER}, #level = :now ADD generation :one`,
        ExpressionAttributeNames: { "#team": "team", "#user": "user", "#level": "level" },
        ExpressionAttributeValues: { ...buildMemberValues(member), ":now": nowSeconds, ":one": 1 },
      },
      deadline,
    );
  }
}

const buildMemberValues = ({ team, user }: Member) => ({ ":choices": CHOICE_RANKING, ":team": team, ":user": user });

export type { ChoiceRow };
export { PersonalChoices };
