import action from "dynalite/actions/batchWriteItem";
import { AwsError } from "../../../kernel/aws-error";
import { run } from "../action";
import type { Item } from "../attribute-value";
import { splitBatch } from "../batch";
import { chargesOfWrite } from "../capacity";
import { type EngineOperation, permit } from "../engine";
import { keyOf } from "../item-keys";
import { readRequest } from "../request";
import type { Table } from "../store";
import { WriteSet } from "../write-set";

interface WriteRequest {
  PutRequest?: { Item: Item };
  DeleteRequest?: { Key: Item };
}

interface BatchWriteRequest {
  RequestItems: Record<string, WriteRequest[]>;
}

/** Behaves as BatchWriteItem; differs: writes the whole batch in one step. */
const batchWriteItem: EngineOperation = async (engine, input: object, call) => {
  const request = readRequest<BatchWriteRequest>("batchWriteItem", input);
  const named = Object.entries(request.RequestItems);
  for (const write of named.flatMap(([, writes]) => writes)) {
    if ((write.PutRequest === undefined) === (write.DeleteRequest === undefined))
      throw new AwsError("ValidationException", "A WriteRequest must have either a PutRequest or a DeleteRequest.");
  }
  const tables = named.map(([table, writes]) => permit(engine, call, "BatchWriteItem", { table, keys: writes.map(keyAttributes) }));
  const keys = named.map(([, writes], position) => writes.map(write => keyOfWrite(tables[position]!, write)));
  const locks = named.flatMap(([table], position) => keys[position]!.map(key => ({ table, key })));
  return engine.locks.hold(locks, async () => {
    const writes = new WriteSet(engine.tables, engine.database);
    const parts = named.map(([name, requests], position) => {
      const { description } = tables[position]!;
      const chargesOf = (write: WriteRequest, index: number) => {
        const before = writes.before(name, keys[position]![index]!);
        return chargesOfWrite(description, { key: keyAttributes(write), before, after: write.PutRequest?.Item });
      };
      return { table: description, entries: requests.map((write, index) => ({ entry: write, charges: chargesOf(write, index) })) };
    });
    const { taken, putOff } = splitBatch(engine, call, parts);
    const answer = await run(action, writes, { ...request, RequestItems: taken });
    await writes.commit();
    return { ...answer, UnprocessedItems: putOff };
  });
};

const keyAttributes = ({ PutRequest, DeleteRequest }: WriteRequest): Item => PutRequest?.Item ?? DeleteRequest!.Key;

/** Throws ValidationException with the message that batches have for every invalid key. */
const keyOfWrite = ({ description }: Table, { PutRequest, DeleteRequest }: WriteRequest): string => {
  try {
    return keyOf(description, { Item: PutRequest?.Item, Key: DeleteRequest?.Key });
  } catch (error) {
    if (error instanceof AwsError && /Missing the key|Type mismatch for key/.test(error.message))
      throw new AwsError(error.code, "The provided key element does not match the schema");
    throw error;
  }
};

export { batchWriteItem };
