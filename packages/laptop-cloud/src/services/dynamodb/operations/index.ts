import { bindOperations } from "../../../kernel/operations";
import type { Operation } from "../../../kernel/service";
import type { Engine } from "../engine";
import type { OpenCalls } from "../open-calls";
import * as batchGetItem from "./batch-get-item";
import * as batchWriteItem from "./batch-write-item";
import * as continuousBackups from "./continuous-backups";
import { createTable } from "./create-table";
import * as deleteItem from "./delete-item";
import * as deleteTable from "./delete-table";
import * as describeTable from "./describe-table";
import * as getItem from "./get-item";
import * as listTables from "./list-tables";
import * as putItem from "./put-item";
import * as query from "./query";
import * as scan from "./scan";
import * as tags from "./tags";
import * as timeToLive from "./time-to-live";
import * as transactGetItems from "./transact-get-items";
import * as transactWriteItems from "./transact-write-items";
import * as updateItem from "./update-item";
import { updateTable } from "./update-table";

const createOperations = (engine: Engine, calls: OpenCalls): Record<string, Operation> => {
  const tables = {
    createTable,
    updateTable,
    ...deleteTable,
    ...describeTable,
    ...listTables,
    ...continuousBackups,
    ...tags,
    ...timeToLive,
  };
  const items = { ...getItem, ...putItem, ...updateItem, ...deleteItem, ...batchGetItem, ...batchWriteItem, ...query, ...scan };
  const operations = bindOperations(engine, { ...tables, ...items, ...transactGetItems, ...transactWriteItems });
  return Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, calls.track(operation)]));
};

export { createOperations };
