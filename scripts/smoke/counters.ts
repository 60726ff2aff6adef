/** Reads the counters of the words that `npm run smoke` says, and removes those that are back at zero. */
import { ConditionalCheckFailedException, DeleteItemCommand, type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { type Board, CountKeys, dayOf, EVER, type KeyLayout, type Scope } from "#core/message/count-keys";

/** A count is the sum of these rows. */
interface Counter {
  table: string;
  keys: Record<string, string>[];
}

interface CounterTables {
  wordsTable: string;
  boardsTable: string;
  /** How the keys of both are laid out. */
  keyLayout: KeyLayout;
}

class Counters {
  readonly #keys: CountKeys;

  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly tables: CounterTables,
    private readonly place: Required<Scope> & { user: string },
  ) {
    this.#keys = new CountKeys(tables.keyLayout);
  }

  /** The public counter of a word: what the door adds, and the multiplier. */
  ofWord(word: string): Counter {
    return { table: this.tables.wordsTable, keys: this.#keys.wordKeys({ team: this.place.team }, word).map(key => ({ word: key })) };
  }

  /** The counter of a word on the board of the day in the conversation, which only the leaderboard changes. */
  onBoardOfDay(word: string, nowMs: number): Counter {
    const { team, channel } = this.place;
    return this.onBoard({ team, channel, period: dayOf(nowMs) }, word);
  }

  /** Every counter that a word may have changed. */
  listAll(word: string, nowMs: number): Counter[] {
    const { team, channel, user } = this.place;
    const scopes = [{ team }, { team, channel }];
    const boards = scopes.flatMap(scope => [dayOf(nowMs), EVER].map((period): Board => ({ ...scope, period })));
    const personal = boards.map(board => ({ ...board, person: { user, generation: 0 } }));
    return [this.ofWord(word), ...[...boards, ...personal].map(board => this.onBoard(board, word))];
  }

  private onBoard(board: Board, token: string): Counter {
    return { table: this.tables.boardsTable, keys: this.#keys.boardKeys(board, token) };
  }

  /** Reads a counter; undefined if it has never counted. */
  async read({ table, keys }: Counter): Promise<number | undefined> {
    const rows = await Promise.all(
      keys.map(key => this.dynamodb.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }))),
    );
    const counts = rows.flatMap(({ Item }) => (Item === undefined ? [] : [unmarshall(Item)["count"] as number]));
    return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count);
  }

  /** Deletes a counter's rows, unless they count. */
  async remove({ table, keys }: Counter): Promise<void> {
    for (const key of keys) await this.#removeRow(table, key);
  }

  async #removeRow(table: string, key: Record<string, string>): Promise<void> {
    try {
      await this.dynamodb.send(
        new DeleteItemCommand({
          TableName: table,
          Key: marshall(key),
          ConditionExpression: "attribute_not_exists(#count) OR #count = :zero",
          ExpressionAttributeNames: { "#count": "count" },
          ExpressionAttributeValues: marshall({ ":zero": 0 }),
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

export type { Counter };
export { Counters };
