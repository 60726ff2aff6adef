import action from "dynalite/actions/query";
import type { AttributeValue, Item } from "./attribute-value";
import { type EngineOperation, permit, weatherThrottle } from "./engine";
import { readRange } from "./range-read";
import { readRequest } from "./request";

interface QueryRequest {
  TableName: string;
  IndexName?: string;
  ExclusiveStartKey?: Item;
  KeyConditions: Record<string, { AttributeValueList: AttributeValue[] }>;
}

/** Behaves as Query; differs: every read is consistent, also of a global index. */
const query: EngineOperation = engine => async (input: object, call) => {
  const request = readRequest<QueryRequest>("query", input);
  const table = permit(engine, call, "Query", { table: request.TableName, index: request.IndexName, keys: [conditionKey(request)] });
  weatherThrottle(engine, table);
  return readRange(engine, action, request);
};

/** The values that the key conditions compare with; the partition key's is among them. */
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

export { query };
