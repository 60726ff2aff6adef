/** Reads many rows of one table by their keys. */
import { BatchGetItemCommand, type BatchGetItemCommandOutput, type KeysAndAttributes } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { chunk } from "#core/chunks";
import type { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";
import { Incomplete, retryUntil } from "#stores/retry";
import type { Row, Table } from "#stores/table";

/** A batch reads up to 100 items. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_KEYS = 100;

/** Reads some attributes of the rows that exist, strongly consistent, in any order. Throws `NotDurable` when time runs out. */
const batchGet = async <R>(
  { client, name }: Pick<Table, "client" | "name">,
  keys: readonly Row[],
  attributes: readonly string[],
  deadline: Deadline,
): Promise<R[]> => {
  const rows: R[] = [];
  const names = Object.fromEntries(attributes.map((attribute, index) => [`#a${index}`, attribute]));
  const pages = chunk(keys, MAX_KEYS).filter(page => page.length > 0);
  await runSideBySide(pages, MAX_CALLS, async page => {
    let wanted: KeysAndAttributes | undefined = {
      Keys: page.map(key => marshall(key)),
      ConsistentRead: true,
      ProjectionExpression: Object.keys(names).join(", "),
      ExpressionAttributeNames: names,
    };
    await retryUntil(deadline, async () => {
      const command: BatchGetItemCommand = new BatchGetItemCommand({ RequestItems: wanted === undefined ? {} : { [name]: wanted } });
      const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await client.send(command, { abortSignal: deadline.signal() });
      rows.push(...(Responses?.[name] ?? []).map(item => unmarshall(item) as R));
      // Under load DynamoDB leaves keys unprocessed.
      wanted = UnprocessedKeys?.[name];
      if (wanted !== undefined) throw new Incomplete(`${wanted.Keys?.length} keys were left unprocessed`);
    });
  });
  return rows;
};

export { batchGet };
