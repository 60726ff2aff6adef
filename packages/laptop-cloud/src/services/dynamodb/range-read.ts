import db from "dynalite/db";
import type { Call } from "../../kernel/service";
import { type Action, run } from "./action";
import type { Item } from "./attribute-value";
import { chargesOfRange } from "./capacity";
import { holds, type Parsed, unfiltered } from "./condition";
import type { Engine } from "./engine";
import { indexKeyOf } from "./item-keys";
import { withReadView } from "./read-view";
import { spend } from "./spending";
import { indexesOf, type TableDescription } from "./store";

interface RangeRequest {
  TableName: string;
  IndexName?: string;
  ExclusiveStartKey?: Item;
  Select?: string;
  AttributesToGet?: string[];
  ConsistentRead?: boolean;
  /** Left by dynalite's validations. */
  _filter?: Parsed;
  _projection?: { paths?: Path[] };
}

type Path = string | (string | number)[];

interface Page {
  Items?: Item[];
  Count: number;
}

interface RangeOperation {
  action: Action;
  /** The partition key of a query. */
  key?: Item;
}

/** Runs dynalite's Query or Scan on one snapshot. Throws `AwsError`. */
const readRange = (engine: Engine, call: Call, request: RangeRequest, { action, key }: RangeOperation): Promise<object> => {
  const { description } = engine.tables.find(request.TableName);
  return withReadView(
    engine,
    async view => {
      const answer = run<Page>(action, view, bare(request));
      // The action has opened its streams by now; an error while feeding them fails the request.
      const [page] = await Promise.all([answer, view.feed()]);
      const index = indexesOf(description).find(({ IndexName }) => IndexName === request.IndexName);
      const isConsistent = request.ConsistentRead === true;
      spend(engine, call, chargesOfRange(description, { index, isConsistent, items: page.Items ?? [], key }));
      return finish(page, request);
    },
    startBound(description, request),
  );
};

/** The request without filter and projection, which we apply ourselves. */
const bare = (request: RangeRequest): RangeRequest => {
  const { AttributesToGet: _, ...rest } = unfiltered(request);
  return {
    ...rest,
    ...(request.Select === "COUNT" ? { Select: undefined } : {}),
    ...(request._projection === undefined ? {} : { _projection: { ...request._projection, paths: undefined } }),
  };
};

const finish = (
  { Items: read = [], ...page }: Page,
  { _filter: filter, _projection: projection, AttributesToGet, Select }: RangeRequest,
) => {
  const items = filter === undefined ? read : read.filter(item => holds(filter.expression, item));
  const paths = projection?.paths ?? AttributesToGet;
  const shown = paths === undefined ? items : items.map(item => db.mapPaths(paths, item));
  return { ...page, Count: items.length, ...(Select === "COUNT" ? {} : { Items: shown }) };
};

/** Adds the item's key to the start of an index read, which dynalite leaves out: see `indexKeyOf`. */
const startBound = (table: TableDescription, { IndexName, ExclusiveStartKey: start }: RangeRequest) => {
  const index = indexesOf(table).find(each => each.IndexName === IndexName);
  if (index === undefined || start === undefined) return (bound: string) => bound;
  return (bound: string) => {
    const whole = indexKeyOf(table, index, start);
    return whole.startsWith(`${bound}/`) ? whole : bound;
  };
};

export { readRange };
