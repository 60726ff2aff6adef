import { randomInt } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import type { Call } from "../../../kernel/service";
import { run, validationError } from "../action";
import type { Item } from "../attribute-value";
import { type Charge, chargesOfWrite, inTransaction } from "../capacity";
import { decide } from "../condition";
import { type Engine, type EngineOperation, permit, throttled } from "../engine";
import { keyOf } from "../item-keys";
import type { LockName } from "../key-locks";
import { refuseUnknown } from "../request";
import type { Table } from "../store";
import {
  type Consumed,
  consumedByTransaction,
  noneReason,
  type Reason,
  refuseSharedKeys,
  spendTransaction,
  throttlingReason,
  transactionCanceled,
} from "../transaction";
import { readTransactionItem, type TransactionItem } from "../transaction-item";
import { applyToOriginal } from "../update-expression";
import { WriteSet } from "../write-set";

interface TransactWriteRequest {
  TransactItems?: unknown[];
  ClientRequestToken?: string;
  ReturnConsumedCapacity?: "TOTAL" | "INDEXES" | "NONE";
}

/** Maximum total size of a transaction's items (TransactWriteItems API page). */
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
const MAX_ITEMS = 100;

/**
 * Behaves as TransactWriteItems; differs: transactions on the same item wait for one another (AWS cancels one with TransactionConflict;
 * the weather's `conflict` does so here), and ReturnItemCollectionMetrics is left out of the answer.
 */
const transactWriteItems: EngineOperation = async (engine, input: TransactWriteRequest, call) => {
  refuseUnknown(input, ["TransactItems", "ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"]);
  const items = readItems(input);
  const token = readToken(input);
  const tables = permitItems(engine, call, items);
  meetWeather(engine, items, tables);

  const places = items.map(({ request }) => placeOf(tables.get(request.TableName)!, request));
  refuseSharedKeys(places);
  const locks = places.flatMap(place => (place instanceof AwsError ? [] : [place]));
  if (token !== undefined) locks.push({ table: tokenLocks, key: token });
  return engine.locks.hold(locks, async () => {
    if (token !== undefined && engine.tokens.wasUsed(token, input)) return {};
    return write(engine, call, { items, places, input, token });
  });
};

/** The lock of tokens. It is not a valid table name. */
const tokenLocks = "~tokens";

const readItems = ({ TransactItems: items }: TransactWriteRequest): TransactionItem[] => {
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ITEMS) throw validationError(wrongCount(items));
  return items.map((item, index) => readTransactionItem(item, index + 1));
};

const wrongCount = (items: unknown) =>
  `1 validation error detected: Value ${items == null ? "null" : `'${JSON.stringify(items).slice(0, 1000)}'`} at 'transactItems' failed to satisfy constraint: ` +
  (items == null
    ? "Member must not be null"
    : Array.isArray(items) && items.length === 0
      ? "Member must have length greater than or equal to 1"
      : `Member must have length less than or equal to ${MAX_ITEMS}`);

const readToken = ({ ClientRequestToken: token }: TransactWriteRequest): string | undefined => {
  if (token === undefined || (typeof token === "string" && token.length >= 1 && token.length <= 36)) return token;
  throw validationError(
    `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36`,
  );
};

const actions = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "ConditionCheckItem" } as const;

/** Authorizes the actions of the items, once per action and table. Returns the tables by name. */
const permitItems = (engine: Engine, call: Call, items: TransactionItem[]): Map<string, Table> => {
  const wanted = new Map<string, { action: string; table: string; keys: Item[] }>();
  for (const { kind, request } of items) {
    const name = `${actions[kind]} ${request.TableName}`;
    const entry = wanted.get(name) ?? { action: actions[kind], table: request.TableName, keys: [] };
    entry.keys.push(request.Item ?? request.Key!);
    wanted.set(name, entry);
  }
  return new Map([...wanted.values()].map(({ action, table, keys }) => [table, permit(engine, call, action, { table, keys })]));
};

/** Throws TransactionCanceledException if the weather throttles the transaction or simulates a conflict. */
const meetWeather = ({ weather }: Engine, items: TransactionItem[], tables: Map<string, Table>) => {
  const hit = randomInt(items.length);
  const cancel = (reason: Reason) => transactionCanceled(items.map((_, index) => (index === hit ? reason : noneReason)));
  if (weather.strikes("throttle")) {
    throw cancel(throttlingReason(throttled(tables.get(items[hit]!.request.TableName)!.description)));
  }
  if (weather.strikes("conflict")) throw cancel({ Code: "TransactionConflict", Message: "Transaction is ongoing for the item" });
};

/** The item's key in the database, or the error that cancels the transaction. Throws ValidationException for an empty key. */
const placeOf = ({ description }: Table, request: TransactionItem["request"]): LockName | AwsError => {
  try {
    return { table: request.TableName, key: keyOf(description, request) };
  } catch (error) {
    if (error instanceof AwsError && !error.message.includes("cannot contain an empty")) return error;
    throw error;
  }
};

interface Transaction {
  items: TransactionItem[];
  /** By item: its key in the database, or the error that cancels the transaction. */
  places: (LockName | AwsError)[];
  input: TransactWriteRequest;
  token: string | undefined;
}

const write = async (engine: Engine, call: Call, { items, places, input, token }: Transaction) => {
  const writes = new WriteSet(engine.tables, engine.database);
  const reasons: Reason[] = [];
  const consumed: Consumed[] = [];
  for (const [index, item] of items.entries()) {
    const place = places[index]!;
    try {
      if (place instanceof AwsError) throw place;
      const before = writes.before(place.table, place.key);
      const request = { ...applyToOriginal(decide(item.request, before), before), ReturnConsumedCapacity: input.ReturnConsumedCapacity };
      consumed.push(await run<Consumed>(item.action, writes, request));
      reasons.push(noneReason);
    } catch (error) {
      reasons.push(reasonOf(error, item, place instanceof AwsError ? undefined : writes.before(place.table, place.key)));
    }
  }
  const chargeItems = (isCanceled: boolean): Charge[][] =>
    items.map(({ request }, index) => {
      const place = places[index]!;
      if (place instanceof AwsError) return [];
      const before = writes.before(place.table, place.key);
      const after = isCanceled ? before : writes.after(place.table, place.key);
      return chargesOfWrite(engine.tables.find(place.table).description, { key: request.Item ?? request.Key!, before, after });
    });
  if (reasons.some(reason => reason !== noneReason)) {
    // It was prepared, but writes nothing.
    spendTransaction(engine, call, chargeItems(true));
    throw transactionCanceled(reasons);
  }
  const sizeBytes = writes.sizeBytes();
  if (sizeBytes > MAX_TRANSACTION_BYTES) throw validationError(`Transaction payload size cannot exceed 4MB. Payload Size: ${sizeBytes}`);
  spendTransaction(engine, call, chargeItems(false).map(inTransaction));
  const remembered = token === undefined ? undefined : engine.tokens.changeFor(token, input);
  if (remembered !== undefined) writes.add(remembered.change);
  await writes.commit();
  remembered?.remember();
  return consumedByTransaction("WriteCapacityUnits", consumed, input.ReturnConsumedCapacity);
};

const reasonOf = (error: unknown, { onFailure }: TransactionItem, before: Item | undefined): Reason => {
  if (!(error instanceof AwsError)) throw error;
  if (error.code === "ConditionalCheckFailedException")
    return {
      Code: "ConditionalCheckFailed",
      Message: error.message,
      ...(onFailure === "ALL_OLD" && before !== undefined ? { Item: before } : {}),
    };
  if (error.code === "ValidationException") return { Code: "ValidationError", Message: error.message };
  throw error;
};

export { transactWriteItems };
