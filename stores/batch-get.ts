/** Reads many items of one table by their keys. */
import { BatchGetItemCommand, type BatchGetItemCommandOutput, type DynamoDBClient, type KeysAndAttributes } from "@aws-sdk/client-dynamodb";
import { chunk } from "#core/chunks";
import type { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";
import type { Item } from "#stores/count-once";
import { Incomplete, retryUntil } from "#stores/retry";

/** A batch reads 100 items. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_KEYS = 100;

/** Reads some attributes of the items that exist, strongly consistent, in no order. Throws `NotDurable` when the time is up. */
const batchGet = async (
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  attributes: readonly string[],
  deadline: Deadline,
): Promise<Item[]> => {
  const items: Item[] = [];
  const names = Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name]));
  const pages = chunk(keys, MAX_KEYS).filter(page => page.length > 0);
  await runSideBySide(pages, MAX_CALLS, async page => {
    let wanted: KeysAndAttributes | undefined = {
      Keys: page,
      ConsistentRead: true,
      ProjectionExpression: Object.keys(names).join(", "),
      ExpressionAttributeNames: names,
    };
    await retryUntil(deadline, async () => {
      const command: BatchGetItemCommand = new BatchGetItemCommand({ RequestItems: wanted === undefined ? {} : { [table]: wanted } });
      const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await client.send(command, { abortSignal: deadline.signal() });
      items.push(...(Responses?.[table] ?? []));
      // Under load DynamoDB leaves keys for later.
      wanted = UnprocessedKeys?.[table];
      if (wanted !== undefined) throw new Incomplete(`${wanted.Keys?.length} keys were left out`);
    });
  });
  return items;
};

export { batchGet };
