import { join } from "node:path";
import { AwsError } from "../../kernel/aws-error";
import type { Cloud, Operation, Service, ServiceDefinition } from "../../kernel/service";
import { Database } from "./database";
import type { Engine, EngineOperation } from "./engine";
import { Expiry } from "./expiry";
import { KeyLocks } from "./key-locks";
import { batchGetItem } from "./operations/batch-get-item";
import { batchWriteItem } from "./operations/batch-write-item";
import { describeContinuousBackups, updateContinuousBackups } from "./operations/continuous-backups";
import { createTable } from "./operations/create-table";
import { deleteItem } from "./operations/delete-item";
import { deleteTable } from "./operations/delete-table";
import { describeTable } from "./operations/describe-table";
import { getItem } from "./operations/get-item";
import { listTables } from "./operations/list-tables";
import { putItem } from "./operations/put-item";
import { query } from "./operations/query";
import { scan } from "./operations/scan";
import { listTagsOfResource, tagResource, untagResource } from "./operations/tags";
import { describeTimeToLive, updateTimeToLive } from "./operations/time-to-live";
import { transactGetItems } from "./operations/transact-get-items";
import { transactWriteItems } from "./operations/transact-write-items";
import { updateItem } from "./operations/update-item";
import { updateTable } from "./operations/update-table";
import { reconcileTables } from "./reconcile";
import { RequestTokens } from "./request-tokens";
import { tableResource } from "./resources";
import { Tables } from "./store";

const tableType = "aws:dynamodb/table:Table";

/** Amazon DynamoDB: dynalite's parsers and actions on a store of our own, with transactions, expiry and conditions that tell. */
const dynamodb: ServiceDefinition = {
  name: "dynamodb",
  resources: { [tableType]: tableResource },
  wire: { protocol: "aws-json", version: "1.0", target: "DynamoDB_20120810" },
  create: cloud => new DynamoDb(cloud),
};

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

class DynamoDb implements Service {
  readonly operations: Record<string, Operation>;
  readonly #engine: Engine;
  readonly #expiry: Expiry;
  readonly #underWay = new Set<Promise<object>>();
  #stopping = false;

  constructor(private readonly cloud: Cloud) {
    const { clock, place, weather } = cloud;
    const database = new Database(join(cloud.directory, "dynamodb"));
    this.#engine = {
      database,
      tables: new Tables(database),
      locks: new KeyLocks(),
      tokens: new RequestTokens(database, clock),
      clock,
      place,
      weather,
    };
    this.#expiry = new Expiry(this.#engine, cloud);
    this.operations = Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, this.#whileOpen(operation(this.#engine))]),
    );
  }

  async start() {
    await this.#engine.database.open();
    await this.#engine.tables.load();
    await this.#engine.tokens.load();
    await reconcileTables(this.#engine, this.cloud.inventory.ofType(tableType));
  }

  async resume() {
    this.#expiry.start();
  }

  async stop() {
    this.#stopping = true;
    this.#engine.database.giveUp();
    await this.#expiry.stop();
    await Promise.allSettled(this.#underWay);
    await this.#engine.database.close();
  }

  /** The database is closed only when all calls have ended; later ones are refused. */
  #whileOpen(operation: Operation): Operation {
    return async (input, call) => {
      if (this.#stopping) throw new AwsError("ServiceUnavailable", "The laptop cloud is about to stop.", 503);
      const answer = operation(input, call);
      this.#underWay.add(answer);
      try {
        return await answer;
      } finally {
        this.#underWay.delete(answer);
      }
    };
  }
}

export { dynamodb };
