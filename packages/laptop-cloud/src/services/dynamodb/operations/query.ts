import action from "dynalite/actions/query";
import { validationError } from "../action";
import type { AttributeValue, Item } from "../attribute-value";
import { type EngineOperation, permit, weatherThrottle } from "../engine";
import { readRange } from "../range-read";
import { readRequest } from "../request";
import { checkSelection, type Selection } from "../selection";
import { indexesOf, type TableDescription } from "../store";

interface QueryRequest extends Selection {
  TableName: string;
  ExclusiveStartKey?: Item;
  KeyConditions: Record<string, { AttributeValueList: AttributeValue[] }>;
}

/** Behaves as Query; differs: every read is consistent, including global indexes. */
const query: EngineOperation = async (engine, input: object, call) => {
  const request = readRequest<QueryRequest>("query", input);
  checkSelection("Query", request);
  const key = conditionKey(request);
  const table = permit(engine, call, "Query", { table: request.TableName, index: request.IndexName, keys: [key] });
  refuseEmptyKeys(table.description, request);
  weatherThrottle(engine, table);
  return readRange(engine, call, request, { action, key });
};

/** The values in the key conditions, including the partition key's. */
const conditionKey = ({ KeyConditions }: QueryRequest): Item =>
  Object.fromEntries(
    Object.entries(KeyConditions).map(
      ([
        attribute,
        {
          AttributeValueList: [value],
        },
      ]) => [attribute, value ?? {}],
    ),
  );

/** Throws ValidationException if a key is compared with an empty value. */
const refuseEmptyKeys = (table: TableDescription, { IndexName, KeyConditions }: QueryRequest) => {
  const { KeySchema } = indexesOf(table).find(index => index.IndexName === IndexName) ?? table;
  for (const { AttributeName } of KeySchema) {
    for (const { S, B } of KeyConditions[AttributeName]?.AttributeValueList ?? []) {
      if (S !== "" && B !== "") continue;
      const type = S === "" ? "string" : "binary";
      throw validationError(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type} value. Key: ${AttributeName}`,
      );
    }
  }
};

export { query };
