import action from "dynalite/actions/getItem";
import { run, validationError } from "../action";
import type { Item } from "../attribute-value";
import { chargeOfGet, inTransaction } from "../capacity";
import { type EngineOperation, permit, weatherThrottle } from "../engine";
import { keyOf } from "../item-keys";
import { withReadView } from "../read-view";
import { readRequest, refuseUnknown } from "../request";
import { type Consumed, consumedByTransaction, noneReason, refuseSharedKeys, spendTransaction, transactionCanceled } from "../transaction";

interface TransactGetRequest {
  TransactItems?: { Get?: object }[];
  ReturnConsumedCapacity?: "TOTAL" | "INDEXES" | "NONE";
}

interface GetRequest {
  TableName: string;
  Key: Item;
}

const MAX_ITEMS = 100;

/** Behaves as TransactGetItems; differs: waits for concurrent writes of the same items, where AWS cancels it (as the weather's `conflict` does here). */
const transactGetItems: EngineOperation = async (engine, input: TransactGetRequest, call) => {
  refuseUnknown(input, ["TransactItems", "ReturnConsumedCapacity"]);
  const gets = readGets(input);
  const tables = gets.map(({ TableName, Key }) => permit(engine, call, "GetItem", { table: TableName, keys: [Key] }).description);
  const places = gets.map((request, index) => ({ table: request.TableName, key: keyOf(tables[index]!, request) }));
  refuseSharedKeys(places);
  weatherThrottle(engine, engine.tables.find(gets[0]!.TableName));
  if (engine.weather.strikes("conflict")) {
    const conflict = { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" };
    throw transactionCanceled(gets.map((_, index) => (index === 0 ? conflict : noneReason)));
  }
  return engine.locks.hold(places, () =>
    withReadView(engine, async view => {
      const charges = places.map(({ table, key }, index) => chargeOfGet(tables[index]!, gets[index]!.Key, view.item(table, key), true));
      spendTransaction(
        engine,
        call,
        charges.map(charge => inTransaction([charge])),
      );
      const answers: (Consumed & { Item?: Item })[] = [];
      for (const request of gets)
        answers.push(await run(action, view, { ...request, ConsistentRead: true, ReturnConsumedCapacity: input.ReturnConsumedCapacity }));
      return {
        Responses: answers.map(({ Item }) => (Item === undefined ? {} : { Item })),
        ...consumedByTransaction("ReadCapacityUnits", answers, input.ReturnConsumedCapacity),
      };
    }),
  );
};

/** Throws ValidationException. */
const readGets = ({ TransactItems: items }: TransactGetRequest): GetRequest[] => {
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ITEMS)
    throw validationError(
      `1 validation error detected: Value '${JSON.stringify(items ?? null).slice(0, 1000)}' at 'transactItems' failed to satisfy constraint: Member must have length between 1 and ${MAX_ITEMS}`,
    );
  return items.map(({ Get }) => {
    if (Get === undefined) throw validationError("TransactItems of TransactGetItems can only contain Get");
    refuseUnknown(Get, ["TableName", "Key", "ProjectionExpression", "ExpressionAttributeNames"]);
    return readRequest<GetRequest>("getItem", Get);
  });
};

export { transactGetItems };
