import action from "dynalite/actions/batchGetItem";
import { run } from "../action";
import type { Item } from "../attribute-value";
import { type EngineOperation, permit, throttled } from "../engine";
import { keyOf } from "../item-keys";
import { withReadView } from "../read-view";
import { readRequest } from "../request";

interface BatchGetRequest {
  RequestItems: Record<string, { Keys: Item[]; [option: string]: unknown }>;
}

interface BatchGetAnswer {
  UnprocessedKeys: Record<string, object>;
}

/** Behaves as BatchGetItem; differs: reads all items from one snapshot. */
const batchGetItem: EngineOperation = engine => async (input: object, call) => {
  const request = readRequest<BatchGetRequest>("batchGetItem", input);
  const named = Object.entries(request.RequestItems);
  const tables = named.map(([table, { Keys }]) => permit(engine, call, "BatchGetItem", { table, keys: Keys }));
  named.forEach(([, { Keys }], position) => {
    for (const Key of Keys) keyOf(tables[position]!.description, { Key });
  });
  // Items of a throttled table are unprocessed. The call fails only if all tables are throttled.
  const putOff = named.filter(() => engine.weather.strikes("throttle"));
  if (putOff.length === named.length) throw throttled(tables[0]!.description);
  const taken = Object.fromEntries(named.filter(entry => !putOff.includes(entry)));
  const answer = await withReadView(engine, view => run<BatchGetAnswer>(action, view, { ...request, RequestItems: taken }));
  const original = (input as BatchGetRequest).RequestItems;
  return {
    ...answer,
    UnprocessedKeys: { ...answer.UnprocessedKeys, ...Object.fromEntries(putOff.map(([table]) => [table, original[table]])) },
  };
};

export { batchGetItem };
