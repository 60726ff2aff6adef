import { type Action, run } from "./action";
import type { Item } from "./attribute-value";
import type { Engine } from "./engine";
import { indexKeyOf } from "./item-keys";
import { withReadView } from "./read-view";
import { indexesOf, type TableDescription } from "./tables";

interface RangeRequest {
  TableName: string;
  IndexName?: string;
  ExclusiveStartKey?: Item;
}

/** Runs dynalite's Query or Scan on one snapshot. Throws `AwsError`. */
const readRange = (engine: Engine, action: Action, request: RangeRequest): Promise<object> => {
  const { description } = engine.tables.find(request.TableName);
  return withReadView(
    engine,
    async view => {
      const answer = run(action, view, request);
      // The action has opened its streams by now; an error while they are fed is the request's.
      const [result] = await Promise.all([answer, view.feed()]);
      return result;
    },
    startBound(description, request),
  );
};

/** Where an index is read on from a start key, dynalite names the place without the item's whole key: see `indexKeyOf`. */
const startBound = (table: TableDescription, { IndexName, ExclusiveStartKey: start }: RangeRequest) => {
  const index = indexesOf(table).find(each => each.IndexName === IndexName);
  if (index === undefined || start === undefined) return (bound: string) => bound;
  return (bound: string) => {
    const whole = indexKeyOf(table, index, start);
    return whole.startsWith(`${bound}/`) ? whole : bound;
  };
};

export { readRange };
