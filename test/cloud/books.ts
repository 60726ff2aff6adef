import { BatchGetItemCommand, DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { LaptopProcess } from "./laptop-process";

/** Reads what a message left behind, to see whether the books balance. */
class Books {
  readonly #dynamodb: DynamoDBClient;

  constructor(private readonly laptop: LaptopProcess) {
    this.#dynamodb = new DynamoDBClient(laptop.client);
  }

  /** Counts by word; 0 for a word that was never said. */
  async counts(words: string[]): Promise<Record<string, number>> {
    const table = this.laptop.endpoints.outputs["wordsTable"] as string;
    const counts = Object.fromEntries(words.map(word => [word, 0]));
    for (let from = 0; from < words.length; from += 100) {
      const keys = words.slice(from, from + 100).map(word => ({ word: { S: word } }));
      const { Responses } = await this.#dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[table] ?? []) counts[item["word"]!.S!] = Number(item["count"]!.N);
    }
    return counts;
  }

  /** The distinct counts of many words: `[11]` when each was said once and multiplied once. */
  async distinctCounts(words: string[]): Promise<number[]> {
    return [...new Set(Object.values(await this.counts(words)))].sort((a, b) => a - b);
  }

  /** Counts of the day's board by word. */
  async boardCounts(words: string[], day: string): Promise<number[]> {
    const found = await Promise.all(
      words.map(word =>
        this.#dynamodb.send(
          new GetItemCommand({
            TableName: "boards",
            Key: { board: { S: `${day}#${word.startsWith("#") ? "annotation" : "word"}` }, token: { S: word } },
          }),
        ),
      ),
    );
    return [...new Set(found.map(({ Item }) => Number(Item?.["count"]?.N ?? 0)))].sort((a, b) => a - b);
  }

  /** Ids of messages that are accepted but not settled. */
  async pending(): Promise<string[]> {
    const { Items = [] } = await this.#dynamodb.send(
      new ScanCommand({ TableName: this.laptop.endpoints.outputs["seenTable"] as string, FilterExpression: "attribute_exists(pending)" }),
    );
    return Items.map(item => item["event_id"]!.S!);
  }
}

export { Books };
