import { dynamodb } from "../services/dynamodb";
import { startLaptop } from "./laptop";

/** Opens the DynamoDB at `DYNAMODB_ENDPOINT` (DynamoDB Local is the reference), or else starts the laptop cloud's, without tables. */
const openDynamoDb = async (): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  const endpoint = process.env["DYNAMODB_ENDPOINT"];
  if (endpoint) return { endpoint, stop: async () => {} };
  const { cloud, stop } = await startLaptop({ definitions: [{ ...dynamodb, always: true }] });
  return { endpoint: cloud.place.awsUrl, stop };
};

export { openDynamoDb };
