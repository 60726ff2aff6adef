import deleteItem from "dynalite/actions/deleteItem";
import putItem from "dynalite/actions/putItem";
import updateItem from "dynalite/actions/updateItem";
import db from "dynalite/db";
import { type Action, validationError } from "./action";
import type { Item } from "./attribute-value";
import { readRequest, refuseUnknown } from "./request";
import { readOnFailure } from "./write-one";

type Kind = "Put" | "Update" | "Delete" | "ConditionCheck";

/** One item of a TransactWriteItems request, checked and with its expressions parsed. */
interface TransactionItem {
  kind: Kind;
  action: Action;
  request: { TableName: string; Item?: Item; Key?: Item };
  onFailure: "ALL_OLD" | "NONE" | undefined;
}

/** Behaves as the ConditionCheck of TransactWriteItems. */
const conditionCheck: Action = (store, request, answer) => {
  const { TableName, Key } = request as { TableName: string; Key: Item };
  store.getTable(TableName, (error, table) => {
    if (error) return answer(error);
    store.getItemDb(TableName).get(db.createKey(Key, table!), (failure, item) => {
      if (failure) return answer(failure);
      const refusal = db.checkConditional(request, item);
      return refusal ? answer(refusal) : answer(null, {});
    });
  });
};

const kinds = {
  Put: { shape: "putItem", action: putItem, needs: "Item", own: [] },
  Update: { shape: "updateItem", action: updateItem, needs: "UpdateExpression", own: ["UpdateExpression"] },
  Delete: { shape: "deleteItem", action: deleteItem, needs: "Key", own: [] },
  ConditionCheck: { shape: "deleteItem", action: conditionCheck, needs: "ConditionExpression", own: [] },
} as const;

/** Parameters of all kinds, in addition to `Item` or `Key`. */
const common = [
  "TableName",
  "ConditionExpression",
  "ExpressionAttributeNames",
  "ExpressionAttributeValues",
  "ReturnValuesOnConditionCheckFailure",
];

/** Reads the item at `position` (from 1). Throws ValidationException. */
const readTransactionItem = (input: unknown, position: number): TransactionItem => {
  const given = Object.entries((input ?? {}) as Record<string, object | undefined>).filter(([, value]) => value != null);
  if (given.length !== 1 || !Object.hasOwn(kinds, given[0]![0]))
    throw validationError("TransactItems can only contain one of Check, Put, Update or Delete");
  const [kind, fields] = given[0] as [Kind, Record<string, unknown>];
  const { shape, action, needs, own } = kinds[kind];
  refuseUnknown(fields, [...common, ...own, kind === "Put" ? "Item" : "Key"]);
  if (fields[needs] == null)
    throw validationError(
      `1 validation error detected: Value null at 'transactItems.${position}.member.${lowerFirst(kind)}.${lowerFirst(needs)}' failed to satisfy constraint: Member must not be null`,
    );
  const { ReturnValuesOnConditionCheckFailure: _, ...rest } = fields;
  return { kind, action, request: readRequest(shape, rest), onFailure: readOnFailure(fields) };
};

const lowerFirst = (name: string) => name[0]!.toLowerCase() + name.slice(1);

export type { TransactionItem };
export { readTransactionItem };
