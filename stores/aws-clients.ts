/** The AWS clients, with timeouts for the ack path (three seconds) or for background work. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { ACK_LIMITS, PATIENT_LIMITS } from "#stores/request-limits";

/** The most concurrent calls of one invocation: below the SDK's 50 sockets, because waiting for a socket counts towards a call's timeout. */
const MAX_CALLS = 32;

/** Words and annotations are read side by side. */
const MAX_CALLS_OF_A_KIND = MAX_CALLS / 2;

type Patience = "ack" | "background";

/** Creates the DynamoDB client, once per cold start. */
const createDynamoDB = (patience: Patience): DynamoDBClient =>
  trim(new DynamoDBClient({ maxAttempts: 2, requestHandler: patience === "ack" ? ACK_LIMITS : PATIENT_LIMITS }));

/** Creates the SNS client. On the ack path it tries once; if that fails, the relay publishes later. */
const createSNS = (patience: Patience): SNSClient =>
  trim(
    patience === "ack"
      ? new SNSClient({ maxAttempts: 1, requestHandler: ACK_LIMITS })
      : new SNSClient({ maxAttempts: 3, requestHandler: PATIENT_LIMITS }),
  );

/** Removes two middlewares that cost time in each call: one copies requests for a logger that we don't set, one builds the header `User-Agent`. */
const trim = <Client extends { middlewareStack: { remove(middleware: string): boolean } }>(client: Client): Client => {
  client.middlewareStack.remove("loggerMiddleware");
  client.middlewareStack.remove("getUserAgentMiddleware");
  return client;
};

export { createDynamoDB, createSNS, MAX_CALLS, MAX_CALLS_OF_A_KIND, trim };
