/** The agents' tables in any DynamoDB: one for tasks and leases, the other for receipts, approvals and other data of the gateway. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { buildAttributes, buildKey, createTablesOf } from "../../dynamodb-endpoint";

const ACTIVE_INDEX = "active";
const ASKER_INDEX = "by-asker";

const SCHEMAS = {
  tasks: {
    KeySchema: buildKey("task", "item"),
    AttributeDefinitions: buildAttributes({ task: "S", item: "S", active: "S", asker: "S", created_at: "N" }),
    GlobalSecondaryIndexes: [
      { IndexName: ACTIVE_INDEX, KeySchema: buildKey("active", "created_at"), Projection: { ProjectionType: "ALL" as const } },
      { IndexName: ASKER_INDEX, KeySchema: buildKey("asker", "created_at"), Projection: { ProjectionType: "ALL" as const } },
    ],
  },
  gateway: { KeySchema: buildKey("task", "item"), AttributeDefinitions: buildAttributes({ task: "S", item: "S" }) },
};

interface TasksTableUnderTest {
  client: DynamoDBClient;
  name: string;
  gatewayName: string;
  stop(): Promise<void>;
}

const createTasksTable = async (): Promise<TasksTableUnderTest> => {
  const { client, names, stop } = await createTablesOf(SCHEMAS);
  return { client, name: names.tasks, gatewayName: names.gateway, stop };
};

export type { TasksTableUnderTest };
export { ACTIVE_INDEX, ASKER_INDEX, createTasksTable };
