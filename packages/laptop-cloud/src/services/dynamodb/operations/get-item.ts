import action from "dynalite/actions/getItem";
import { run } from "../action";
import type { Item } from "../attribute-value";
import { type EngineOperation, permit, weatherThrottle } from "../engine";
import { keyOf } from "../item-keys";
import { withReadView } from "../read-view";
import { readRequest } from "../request";

/** Behaves as GetItem; differs: every read is consistent. */
const getItem: EngineOperation = engine => async (input: object, call) => {
  const request = readRequest<{ TableName: string; Key: Item }>("getItem", input);
  const table = permit(engine, call, "GetItem", { table: request.TableName, keys: [request.Key] });
  weatherThrottle(engine, table);
  keyOf(table.description, request);
  return withReadView(engine, view => run(action, view, request));
};

export { getItem };
