/** `npm run restore -- RESTORED TABLE`: copies the rows of a table that AWS restored into the stack's own table. */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { chunk } from "#core/chunks";
import { defineScript, runScript, UsageError } from "./command-line";
import { readStack } from "./stack-outputs";

type Item = Record<string, AttributeValue>;

/** The most puts of one BatchWriteItem. */
const PUTS = 25;

const RETRY_MS = 500;

class Restore {
  constructor(private readonly dynamodb: DynamoDBClient) {}

  /** Throws `UsageError` for a table that is not there, and for two that don't belong together. */
  async check(from: string, to: string): Promise<void> {
    if (from === to) throw new UsageError(`Both tables are ${JSON.stringify(to)}.`);
    const [restored, own] = [await this.readKey(from), await this.readKey(to)];
    if (restored !== own) throw new UsageError(`${from} has the key ${restored}, but ${to} has ${own}.`);
  }

  private async readKey(table: string): Promise<string> {
    try {
      const { Table } = await this.dynamodb.send(new DescribeTableCommand({ TableName: table }));
      return (Table?.KeySchema ?? []).map(({ AttributeName, KeyType }) => `${AttributeName} (${KeyType})`).join(", ");
    } catch (error) {
      if (error instanceof ResourceNotFoundException) throw new UsageError(`There is no table ${JSON.stringify(table)}.`);
      throw error;
    }
  }

  /** Yields how many rows each page has, once they are written if `isDryRun` is false. */
  async *copy(from: string, to: string, isDryRun: boolean): AsyncGenerator<number> {
    for await (const { Items = [] } of paginateScan({ client: this.dynamodb }, { TableName: from, ConsistentRead: true })) {
      if (!isDryRun) for (const items of chunk(Items, PUTS)) await this.put(to, items);
      yield Items.length;
    }
  }

  /** DynamoDB returns what it had no capacity for. */
  private async put(table: string, items: readonly Item[]): Promise<void> {
    let requests = items.map(Item => ({ PutRequest: { Item } }));
    while (requests.length > 0) {
      const { UnprocessedItems } = await this.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
      requests = (UnprocessedItems?.[table] ?? []) as typeof requests;
      if (requests.length > 0) await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
  }
}

const script = defineScript({
  name: "restore",
  usage: "RESTORED TABLE [--stack STACK] [--dry-run] [--json]",
  help: `Copies every row of RESTORED, a table that AWS made from a backup, into TABLE, the stack's own. Rows with the same key are replaced, and the
others stay. Both names are those in AWS.

  --stack STACK  the stack; "local" (default) is the running laptop cloud
  --dry-run      counts the rows, and writes none`,
  options: { stack: { type: "string", default: "local" }, "dry-run": { type: "boolean", default: false } },
  maxArguments: 2,
  run: async ({ options: { stack, "dry-run": dryRun }, arguments: [from, to], report }) => {
    if (from === undefined || to === undefined) throw new UsageError("Name the restored table, then the stack's own.");
    const restore = new Restore(new DynamoDBClient(readStack(stack).client));
    await restore.check(from, to);
    let count = 0;
    for await (const rows of restore.copy(from, to, dryRun)) {
      count += rows;
      report(`${count} rows so far.`);
    }
    const done = dryRun ? "would be copied" : "copied";
    return { text: `${count} ${count === 1 ? "row" : "rows"} of ${from} ${done} into ${to}.`, json: { dryRun, count } };
  },
});

if (require.main === module) void runScript(script);

export { script };
