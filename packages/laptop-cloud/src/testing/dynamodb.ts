import { dynamodb } from "../services/dynamodb";
import { startLaptop } from "./laptop";

/**
 * Opens the DynamoDB at `DYNAMODB_ENDPOINT` (DynamoDB Local is the reference), or else starts the laptop cloud's, without tables. `client` is the
 * configuration of the cheapest client.
 */
const openDynamoDb = async (): Promise<{ endpoint: string; client: object; stop(): Promise<void> }> => {
  const endpoint = process.env["DYNAMODB_ENDPOINT"];
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  if (endpoint) return { endpoint, client: { endpoint, region: "us-east-1", credentials }, stop: async () => {} };
  const { cloud, directClient: client, stop } = await startLaptop({ definitions: [{ ...dynamodb, always: true }] });
  return { endpoint: cloud.place.awsUrl, client, stop };
};

export { openDynamoDb };
