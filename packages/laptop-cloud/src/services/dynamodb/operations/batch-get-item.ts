import action from "dynalite/actions/batchGetItem";
import { run } from "../action";
import type { Item } from "../attribute-value";
import { splitBatch } from "../batch";
import { chargeOfGet } from "../capacity";
import { type EngineOperation, permit } from "../engine";
import { keyOf } from "../item-keys";
import { withReadView } from "../read-view";
import { readRequest } from "../request";

interface BatchGetRequest {
  RequestItems: Record<string, { Keys: Item[]; ConsistentRead?: boolean; [option: string]: unknown }>;
}

interface BatchGetAnswer {
  UnprocessedKeys: Record<string, object>;
}

/** Behaves as BatchGetItem; differs: reads all items from one snapshot. */
const batchGetItem: EngineOperation = async (engine, input: object, call) => {
  const request = readRequest<BatchGetRequest>("batchGetItem", input);
  const named = Object.entries(request.RequestItems);
  const tables = named.map(([table, { Keys }]) => permit(engine, call, "BatchGetItem", { table, keys: Keys }));
  const keys = named.map(([, { Keys }], position) => Keys.map(Key => keyOf(tables[position]!.description, { Key })));
  return withReadView(engine, async view => {
    const parts = named.map(([name, { Keys, ConsistentRead }], position) => {
      const { description } = tables[position]!;
      const chargeOf = (Key: Item, index: number) =>
        chargeOfGet(description, Key, view.item(name, keys[position]![index]!), ConsistentRead === true);
      return { table: description, entries: Keys.map((Key, index) => ({ entry: Key, charges: [chargeOf(Key, index)] })) };
    });
    const { taken, putOff } = splitBatch(engine, call, parts);
    const withKeys = (items: BatchGetRequest["RequestItems"], byTable: Record<string, Item[]>) =>
      Object.fromEntries(Object.entries(byTable).map(([name, Keys]) => [name, { ...items[name], Keys }]));
    const answer = await run<BatchGetAnswer>(action, view, { ...request, RequestItems: withKeys(request.RequestItems, taken) });
    const unprocessed = withKeys((input as BatchGetRequest).RequestItems, putOff);
    return { ...answer, UnprocessedKeys: { ...answer.UnprocessedKeys, ...unprocessed } };
  });
};

export { batchGetItem };
