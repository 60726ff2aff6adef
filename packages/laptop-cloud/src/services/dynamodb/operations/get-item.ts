import action from "dynalite/actions/getItem";
import { run } from "../action";
import type { Item } from "../attribute-value";
import { chargeOfGet } from "../capacity";
import { type EngineOperation, permit, weatherThrottle } from "../engine";
import { keyOf } from "../item-keys";
import { withReadView } from "../read-view";
import { readRequest } from "../request";
import { spend } from "../spending";

/** Behaves as GetItem; differs: every read is consistent. */
const getItem: EngineOperation = async (engine, input: object, call) => {
  const request = readRequest<{ TableName: string; Key: Item; ConsistentRead?: boolean }>("getItem", input);
  const table = permit(engine, call, "GetItem", { table: request.TableName, keys: [request.Key] });
  weatherThrottle(engine, table);
  const key = keyOf(table.description, request);
  return withReadView(engine, view => {
    const item = view.item(request.TableName, key);
    spend(engine, call, [chargeOfGet(table.description, request.Key, item, request.ConsistentRead === true)]);
    return run(action, view, request);
  });
};

export { getItem };
