import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "../../../src/cloud";
import { Inventory } from "../../../src/kernel/inventory";
import { dynamodb } from "../../../src/services/dynamodb";

interface RunningDynamoDb {
  /** Base URL for a stock client; access key `test`, region us-east-1. */
  endpoint: string;
  /** Ends it; its tables are gone. */
  stop(): Promise<void>;
}

/** Starts DynamoDB alone, without tables, on a free port and in a folder that goes with it. */
const startInMemory = async (): Promise<RunningDynamoDb> => {
  const directory = await mkdtemp(join(tmpdir(), "slack-fanout-dynamodb-"));
  const cloud = await startCloud({
    directory,
    port: 0,
    awsPort: 0,
    region: "us-east-1",
    definitions: [{ ...dynamodb, always: true }],
    declare: async () => new Inventory([]),
  });
  return {
    endpoint: cloud.place.awsUrl,
    stop: async () => {
      await cloud.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

export type { RunningDynamoDb };
export { startInMemory };
