import { AwsError } from "../../kernel/aws-error";
import { type Action, run, validationError } from "./action";
import type { Item } from "./attribute-value";
import { chargesOfWrite } from "./capacity";
import { decide } from "./condition";
import { type EngineOperation, permit, weatherThrottle } from "./engine";
import { keyOf } from "./item-keys";
import { readRequest } from "./request";
import { spend } from "./spending";
import { applyToOriginal } from "./update-expression";
import { WriteSet } from "./write-set";

interface OneItem {
  name: "PutItem" | "UpdateItem" | "DeleteItem";
  shape: "putItem" | "updateItem" | "deleteItem";
  action: Action;
}

interface WriteRequest {
  TableName: string;
  Item?: Item;
  Key?: Item;
}

interface WriteAnswer {
  Attributes?: Item;
  ConsumedCapacity?: object;
}

type OnFailure = "ALL_OLD" | "NONE" | undefined;

/** PutItem, UpdateItem and DeleteItem: hold the key's lock, let dynalite's action check the item, and write it with its index entries. */
const writeOne = ({ name, shape, action }: OneItem): EngineOperation => {
  return async (engine, input: object, call) => {
    const request = readRequest<WriteRequest>(shape, input, ["ReturnValuesOnConditionCheckFailure"]);
    const onFailure = readOnFailure(input);
    const attributes = request.Item ?? request.Key!;
    const table = permit(engine, call, name, { table: request.TableName, keys: [attributes] });
    weatherThrottle(engine, table);
    const key = keyOf(table.description, request);
    return engine.locks.hold([{ table: request.TableName, key }], async () => {
      const writes = new WriteSet(engine.tables, engine.database);
      const before = writes.before(request.TableName, key);
      const spendUntil = (after: Item | undefined) =>
        spend(engine, call, chargesOfWrite(table.description, { key: attributes, before, after }));
      try {
        const answer = await run<WriteAnswer>(action, writes, applyToOriginal(decide(request, before), before));
        spendUntil(writes.after(request.TableName, key));
        await writes.commit();
        return withoutEmptyAttributes(answer);
      } catch (error) {
        if (!isFailedCondition(error)) throw error;
        // A failed condition consumes as much as an unchanged item.
        spendUntil(before);
        throw withItem(error, onFailure, before);
      }
    });
  };
};

/** DynamoDB omits `Attributes` if there are none. */
const withoutEmptyAttributes = ({ Attributes, ...rest }: WriteAnswer): WriteAnswer =>
  Attributes === undefined || Object.keys(Attributes).length === 0 ? rest : { ...rest, Attributes };

/** Throws ValidationException. */
const readOnFailure = (input: object): OnFailure => {
  const { ReturnValuesOnConditionCheckFailure: value } = input as { ReturnValuesOnConditionCheckFailure?: OnFailure };
  if (value === undefined || value === "ALL_OLD" || value === "NONE") return value;
  throw validationError(
    `1 validation error detected: Value '${value}' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]`,
  );
};

const isFailedCondition = (error: unknown): error is AwsError =>
  error instanceof AwsError && error.code === "ConditionalCheckFailedException";

/** Adds the current item to a failed condition, if the request asks for it. */
const withItem = (error: AwsError, onFailure: OnFailure, item: Item | undefined): AwsError =>
  onFailure === "ALL_OLD" && item !== undefined ? new AwsError(error.code, error.message, error.status, { Item: item }) : error;

export { readOnFailure, writeOne };
