import { bindOperations } from "../../../kernel/operations";
import type { Operation } from "../../../kernel/service";
import type { Engine } from "../engine";
import type { OpenCalls } from "../open-calls";
import * as batchGetItem from "./batch-get-item";
import * as batchWriteItem from "./batch-write-item";
import * as continuousBackups from "./continuous-backups";
import { createTable } from "./create-table";
import * as getItem from "./get-item";
import * as query from "./query";
import * as scan from "./scan";
import * as tables from "./tables";
import * as tags from "./tags";
import * as timeToLive from "./time-to-live";
import * as transactGetItems from "./transact-get-items";
import * as transactWriteItems from "./transact-write-items";
import { updateTable } from "./update-table";
import * as writeItem from "./write-item";

const createOperations = (engine: Engine, calls: OpenCalls): Record<string, Operation> => {
  const ofTables = { createTable, updateTable, ...tables, ...continuousBackups, ...tags, ...timeToLive };
  const ofItems = { ...getItem, ...writeItem, ...batchGetItem, ...batchWriteItem, ...query, ...scan };
  const operations = bindOperations(engine, { ...ofTables, ...ofItems, ...transactGetItems, ...transactWriteItems });
  return Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, calls.track(operation)]));
};

export { createOperations };
