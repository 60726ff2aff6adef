import { AwsError } from "../../kernel/aws-error";
import type { Call } from "../../kernel/service";
import { validationError } from "./action";
import type { Item } from "./attribute-value";
import type { Charge } from "./capacity";
import type { Engine } from "./engine";
import type { LockName } from "./key-locks";
import { Spending } from "./spending";

/** Why an item canceled its transaction, or `None` (TransactionCanceledException, CancellationReason). */
interface Reason {
  Code: string;
  Message?: string;
  Item?: Item;
}

/** The capacity that dynalite's actions return. */
interface Consumed {
  ConsumedCapacity?: { TableName: string; CapacityUnits: number };
}

const noneReason: Reason = { Code: "None" };

const transactionCanceled = (reasons: Reason[]) =>
  new AwsError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
    400,
    { CancellationReasons: reasons },
  );

/** The reason of a throttled item, from the error that the item alone would get. */
const throttlingReason = ({ code, message }: AwsError): Reason => ({
  Code: code === "ThrottlingException" ? "ThrottlingError" : "ProvisionedThroughputExceeded",
  Message: message,
});

/** Takes the units of a transaction, item by item. Throws TransactionCanceledException if a partition key has reached its limit. */
const spendTransaction = (engine: Engine, call: Call, charges: Charge[][]) => {
  const spending = new Spending(engine, call);
  const refusals = charges.map(chargesOfItem => spending.refusalOf(chargesOfItem));
  if (refusals.some(refusal => refusal !== undefined))
    throw transactionCanceled(refusals.map(refusal => (refusal === undefined ? noneReason : throttlingReason(refusal))));
  spending.take(charges.flat());
};

/** Throws ValidationException if a transaction names an item twice. */
const refuseSharedKeys = (places: (LockName | AwsError)[]) => {
  const names = places.flatMap(place => (place instanceof AwsError ? [] : [`${place.table}~${place.key}`]));
  if (new Set(names).size < names.length) throw validationError("Transaction request cannot include multiple operations on one item");
};

/** The ConsumedCapacity of the answer, if requested. A transaction consumes twice the capacity of its items. */
const consumedByTransaction = (
  unit: "ReadCapacityUnits" | "WriteCapacityUnits",
  consumed: Consumed[],
  asked: string | undefined,
): object => {
  if (asked !== "TOTAL" && asked !== "INDEXES") return {};
  const unitsByTable = new Map<string, number>();
  for (const { ConsumedCapacity: item } of consumed) {
    if (item !== undefined) unitsByTable.set(item.TableName, (unitsByTable.get(item.TableName) ?? 0) + 2 * item.CapacityUnits);
  }
  return { ConsumedCapacity: [...unitsByTable].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits, [unit]: CapacityUnits })) };
};

export type { Consumed, Reason };
export { consumedByTransaction, noneReason, refuseSharedKeys, spendTransaction, throttlingReason, transactionCanceled };
