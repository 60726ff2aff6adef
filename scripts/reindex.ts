/** `npm run reindex`: moves the counts of earlier settings to where the present settings expect them. */
import {
  type Delete,
  DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type Update,
} from "@aws-sdk/client-dynamodb";
import { Deadline } from "#core/deadline";
import { CHOICE_RANKING, CountKeys } from "#core/message/count-keys";
import { LEAST_LEVEL } from "#core/message/levels";
import { type RankedRow, relocateOnBoard, relocateWord } from "#core/message/relocation";
import { Levels, levelIn } from "#stores/message/levels";
import { retryUntil } from "#stores/retry";
import { parseRow, type Row, Table } from "#stores/table";
import { defineScript, runScript } from "./command-line";
import { countRows, eachRow, ROW_BUDGET_MS } from "./each-row";
import { readStack, type StackOutputs } from "./stack-outputs";

const HELP = `Moves the counts of words and boards to where the present settings boardShards and hotWords expect them.

Run it after \`pulumi up\` has changed one of these settings (or after \`npm start\` on the laptop). It can run while messages come in, and as often
as you like: it skips rows that are in the right place. If it was interrupted, run it again. Afterwards formerBoardShards and formerHotWords may be [].

  --stack STACK  the stack whose tables to reindex; "local" (default) is the running laptop cloud
  --dry-run      counts the rows to move, and moves none`;

/** Where a count belongs. */
interface Place {
  key: Row;
  set: Row;
}

interface CountRow extends RankedRow {
  count: number;
  person?: string;
  expires_at?: number;
}

/** A table of counts. */
interface Counts<R extends CountRow> {
  table: string;
  /** The names of the attributes that are its key. */
  keys: (keyof R & string)[];
  /** From which level on the index has the rows. */
  leastLevel: number;
  /** Undefined if the row doesn't tell. */
  relocate(row: R): Place | undefined;
}

/** What was done to one table: rows in another place than before, and rows that don't tell where they belong. */
interface Reindexed {
  table: string;
  moved: number;
  unknown: number;
}

type WordRow = CountRow & { word: string };
type BoardRow = CountRow & { board: string; token: string };

const describeWords = (table: string, keys: CountKeys): Counts<WordRow> => ({
  table,
  keys: ["word"],
  leastLevel: LEAST_LEVEL.words,
  relocate: row => relocateWord(keys, row) as Place | undefined,
});

const describeBoards = (table: string, keys: CountKeys): Counts<BoardRow> => ({
  table,
  keys: ["board", "token"],
  leastLevel: LEAST_LEVEL.boards,
  relocate: row => relocateOnBoard(keys, row) as Place | undefined,
});

class Reindex {
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly isDryRun: boolean,
    private readonly report: (sentence: string) => void,
  ) {}

  /** Moves the rows of a table that are in the wrong place. Rows of people's own boards have no shards. */
  async handle<R extends CountRow>(counts: Counts<R>): Promise<Reindexed> {
    const done: Reindexed = { table: counts.table, moved: 0, unknown: 0 };
    await eachRow<R>(
      this.dynamodb,
      { TableName: counts.table },
      async row => {
        if (row.person !== undefined || row.ranking === CHOICE_RANKING) return;
        const place = counts.relocate(row);
        if (place === undefined) done.unknown += 1;
        else if (!isThere(row, place)) {
          done.moved += 1;
          if (!this.isDryRun) await this.move(counts, row, place);
        }
      },
      ({ table, rowsRead }) => this.report(`${table}: ${countRows(rowsRead)} read, ${done.moved} of them in the wrong place.`),
    );
    return done;
  }

  private async move<R extends CountRow>(counts: Counts<R>, row: R, place: Place): Promise<void> {
    const deadline = new Deadline(ROW_BUDGET_MS);
    const key = Object.fromEntries(counts.keys.map(name => [name, row[name] as string]));
    const isHome = Object.entries(place.key).every(([name, value]) => key[name] === value);
    if (isHome) return this.reorder(counts.table, key, place, deadline);
    // The row may change, or be moved by somebody else, in the meantime.
    for (let left: R | undefined = row; left !== undefined; ) {
      const current: R = left;
      left = await retryUntil(deadline, () => this.add({ table: counts.table, key, place }, current, deadline));
    }
    const counter = { table: counts.table, key: place.key, ...levelIn(place.set, counts.leastLevel) };
    await new Levels(this.dynamodb).raise([counter], deadline);
  }

  /** Moves a row in the index only. A message may do the same at the same time. */
  private async reorder(table: string, key: Row, { set }: Place, deadline: Deadline): Promise<void> {
    const [[name, value] = []] = Object.entries(set);
    await new Table(this.dynamodb, table).updateIf(
      {
        Key: key,
        UpdateExpression: "SET #name = :value",
        ConditionExpression: "attribute_exists(#count)",
        ExpressionAttributeNames: { "#name": name!, "#count": "count" },
        ExpressionAttributeValues: { ":value": value },
      },
      deadline,
    );
  }

  /**
   * Deletes a row and adds its count to the row where it belongs, in one transaction. Returns the row if its count has changed since; undefined if it is
   * moved, or gone: then an attempt whose answer was lost, another run or its expiry has removed it.
   */
  private async add<R extends CountRow>(
    from: { table: string; key: Row; place: Place },
    row: R,
    deadline: Deadline,
  ): Promise<R | undefined> {
    const { place } = from;
    const table = new Table(this.dynamodb, from.table);
    const [[name, value] = []] = Object.entries(place.set);
    const hasExpiry = row.expires_at !== undefined;
    const Delete = table.build<Delete>({
      Key: from.key,
      ConditionExpression: "#count = :count",
      ExpressionAttributeNames: { "#count": "count" },
      ExpressionAttributeValues: { ":count": row.count },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    const Update = table.build<Update>({
      Key: place.key,
      UpdateExpression: `SET #name = :value${hasExpiry ? ", expires_at = if_not_exists(expires_at, :expires)" : ""} ADD #count :count`,
      ExpressionAttributeNames: { "#name": name!, "#count": "count" },
      ExpressionAttributeValues: { ":value": value, ":count": row.count, ":expires": row.expires_at },
    });
    try {
      await this.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Delete }, { Update }] }), {
        abortSignal: deadline.signal(),
      });
      return undefined;
    } catch (error) {
      const reason = error instanceof TransactionCanceledException ? error.CancellationReasons?.[0] : undefined;
      if (reason?.Code !== "ConditionalCheckFailed") throw error;
      return parseRow<R>(reason.Item);
    }
  }
}

/** Tells whether a row has the key, and the place in the index, where it belongs. */
const isThere = (row: object, { key, set }: Place): boolean =>
  Object.entries({ ...key, ...set }).every(([name, value]) => (row as Row)[name] === value);

const describe = ({ table, moved, unknown }: Reindexed, isDryRun: boolean): string => {
  const left = unknown === 0 ? "" : `; ${countRows(unknown)} left, since they don't tell where they belong (npm run migrate may help)`;
  return `${table}: ${countRows(moved)} ${isDryRun ? "would move" : "moved"}${left}.`;
};

/** Throws if the stack has not been updated to this release. */
const requireOutput = <Name extends "wordsTable" | "boardsTable" | "keyLayout">(outputs: StackOutputs, name: Name) => {
  const output = outputs[name];
  if (output === undefined) throw new Error(`The stack has no output ${name}: update it to this release with pulumi up first.`);
  return output as NonNullable<StackOutputs[Name]>;
};

const script = defineScript({
  name: "reindex",
  usage: "[--stack STACK] [--dry-run] [--json]",
  help: HELP,
  options: { stack: { type: "string", default: "local" }, "dry-run": { type: "boolean", default: false } },
  run: async ({ options: { stack, "dry-run": dryRun }, report }) => {
    const { outputs, client } = readStack(stack);
    const keys = new CountKeys(requireOutput(outputs, "keyLayout"));
    const reindex = new Reindex(new DynamoDBClient(client), dryRun, report);
    const tables = [
      await reindex.handle(describeWords(requireOutput(outputs, "wordsTable"), keys)),
      await reindex.handle(describeBoards(requireOutput(outputs, "boardsTable"), keys)),
    ];
    return { text: tables.map(table => describe(table, dryRun)).join("\n"), json: { dryRun, tables } };
  },
});

if (require.main === module) void runScript(script);

export { describeBoards, describeWords, Reindex, script };
