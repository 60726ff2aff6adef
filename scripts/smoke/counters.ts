/** Reads the counters of the words that `npm run smoke` says, and removes those that are back at zero. */
import { ConditionalCheckFailedException, DeleteItemCommand, type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { type Board, buildBoardKey, buildWordKey, dayOf, EVER, type Scope } from "#core/message/count-keys";
import { kindOf } from "#core/message/tokens";

interface Counter {
  table: string;
  key: Record<string, string>;
}

interface CounterTables {
  wordsTable: string;
  boardsTable: string;
}

class Counters {
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly tables: CounterTables,
    private readonly place: Required<Scope> & { user: string },
  ) {}

  /** The public counter of a word: what the door adds, and the multiplier. */
  ofWord(word: string): Counter {
    return { table: this.tables.wordsTable, key: { word: buildWordKey({ team: this.place.team }, word) } };
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
    return { table: this.tables.boardsTable, key: { board: buildBoardKey(board, kindOf(token)), token } };
  }

  /** Reads a counter; undefined if it has never counted. */
  async read({ table, key }: Counter): Promise<number | undefined> {
    const { Item } = await this.dynamodb.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }));
    return Item === undefined ? undefined : (unmarshall(Item)["count"] as number);
  }

  /** Deletes a counter's row, unless it counts. */
  async remove({ table, key }: Counter): Promise<void> {
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
