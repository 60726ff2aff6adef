/** The agents' tables in any DynamoDB: one for tasks and leases, the other for receipts, approvals and other data of the gateway. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { AGENT_GATEWAY, AGENT_TASKS } from "#core/agent/tables";
import { createTablesOf } from "../../dynamodb-endpoint";

interface TasksTableUnderTest {
  client: DynamoDBClient;
  name: string;
  gatewayName: string;
  stop(): Promise<void>;
}

const createTasksTable = async (): Promise<TasksTableUnderTest> => {
  const { client, names, stop } = await createTablesOf({ tasks: AGENT_TASKS, gateway: AGENT_GATEWAY });
  return { client, name: names.tasks, gatewayName: names.gateway, stop };
};

export type { TasksTableUnderTest };
export { createTasksTable };
