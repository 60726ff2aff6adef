import { type AttributeValue, BatchGetItemCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { LaptopProcess } from "./laptop-process";

/** Reads the counts and markers of messages, to compare them with what was said. */
class Tables {
  readonly #dynamodb: DynamoDBClient;

  constructor(private readonly laptop: LaptopProcess) {
    this.#dynamodb = new DynamoDBClient(laptop.client);
  }

  /** Counts by word; 0 for a word that was never said. */
  counts(words: string[]): Promise<Record<string, number>> {
    const table = this.laptop.endpoints.outputs["wordsTable"] as string;
    return this.#readNumbers({ table, name: "word", attribute: "count" }, words, word => ({ word: { S: word } }));
  }

  /** The distinct levels of many words in the index: `[1]` when each was said once and multiplied once; 0 for a word that the index lacks. */
  async distinctLevels(words: string[]): Promise<number[]> {
    const table = this.laptop.endpoints.outputs["wordsTable"] as string;
    return distinct(await this.#readNumbers({ table, name: "word", attribute: "level" }, words, word => ({ word: { S: word } })));
  }

  /** The distinct counts of many words: `[11]` when each was said once and multiplied once. */
  async distinctCounts(words: string[]): Promise<number[]> {
    return distinct(await this.counts(words));
  }

  /** The distinct counts of many words on the board of a day, or of `ever`. A scope is the beginning of the board's key, such as `C0001#`. */
  async boardCounts(words: string[], period: string, scope = ""): Promise<number[]> {
    const table = this.laptop.endpoints.outputs["boardsTable"] as string;
    const boardOf = (word: string) => `${scope}${period}#${word.startsWith("#") ? "annotation" : "word"}`;
    const buildKey = (word: string) => ({ board: { S: boardOf(word) }, token: { S: word } });
    return distinct(await this.#readNumbers({ table, name: "token", attribute: "count" }, words, buildKey));
  }

  /** Reads a number of many items, 100 a request; 0 for an item that doesn't exist, or lacks the attribute. `name` is the key with the word. */
  async #readNumbers(
    { table, name, attribute }: { table: string; name: string; attribute: string },
    words: string[],
    buildKey: (word: string) => Record<string, AttributeValue>,
  ) {
    const counts = Object.fromEntries(words.map(word => [word, 0]));
    for (let from = 0; from < words.length; from += 100) {
      const Keys = words.slice(from, from + 100).map(buildKey);
      const { Responses } = await this.#dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[table] ?? []) counts[item[name]!.S!] = Number(item[attribute]?.N ?? 0);
    }
    return counts;
  }

  /** Ids of messages that are accepted but not settled. */
  async pending(): Promise<string[]> {
    const TableName = this.laptop.endpoints.outputs["seenTable"] as string;
    const { Items = [] } = await this.#dynamodb.send(new ScanCommand({ TableName, IndexName: "pending" }));
    return Items.map(item => item["event_id"]!.S!);
  }
}

const distinct = (counts: Record<string, number>) => [...new Set(Object.values(counts))].sort((a, b) => a - b);

export { Tables };
