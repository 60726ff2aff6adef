import type { Operation } from "../../../kernel/service";
import type { Engine, EngineOperation } from "../engine";
import type { OpenCalls } from "../open-calls";
import { batchGetItem } from "./batch-get-item";
import { batchWriteItem } from "./batch-write-item";
import { describeContinuousBackups, updateContinuousBackups } from "./continuous-backups";
import { createTable } from "./create-table";
import { deleteItem } from "./delete-item";
import { deleteTable } from "./delete-table";
import { describeTable } from "./describe-table";
import { getItem } from "./get-item";
import { listTables } from "./list-tables";
import { putItem } from "./put-item";
import { query } from "./query";
import { scan } from "./scan";
import { listTagsOfResource, tagResource, untagResource } from "./tags";
import { describeTimeToLive, updateTimeToLive } from "./time-to-live";
import { transactGetItems } from "./transact-get-items";
import { transactWriteItems } from "./transact-write-items";
import { updateItem } from "./update-item";
import { updateTable } from "./update-table";

/** The operations by the names that AWS gives them. */
const operations: Record<string, EngineOperation> = {
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  CreateTable: createTable,
  DeleteItem: deleteItem,
  DeleteTable: deleteTable,
  DescribeContinuousBackups: describeContinuousBackups,
  DescribeTable: describeTable,
  DescribeTimeToLive: describeTimeToLive,
  GetItem: getItem,
  ListTables: listTables,
  ListTagsOfResource: listTagsOfResource,
  PutItem: putItem,
  Query: query,
  Scan: scan,
  TagResource: tagResource,
  TransactGetItems: transactGetItems,
  TransactWriteItems: transactWriteItems,
  UntagResource: untagResource,
  UpdateContinuousBackups: updateContinuousBackups,
  UpdateItem: updateItem,
  UpdateTable: updateTable,
  UpdateTimeToLive: updateTimeToLive,
};

const createOperations = (engine: Engine, calls: OpenCalls): Record<string, Operation> =>
  Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, calls.track(operation(engine))]));

export { createOperations };
