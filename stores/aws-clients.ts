/** The AWS clients, with limits that fit an ack of three seconds or work in the background. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { ACK_LIMITS, PATIENT_LIMITS } from "#stores/request-limits";

/** How many calls one invocation makes at once: below the SDK's 50 sockets, as a call that waits for one uses up its own time limit. */
const MAX_CALLS = 32;

type Patience = "ack" | "background";

/** Creates the DynamoDB client, once per cold start. */
const createDynamoDB = (patience: Patience): DynamoDBClient =>
  new DynamoDBClient({ maxAttempts: 2, requestHandler: patience === "ack" ? ACK_LIMITS : PATIENT_LIMITS });

/** Creates the SNS client. On the ack path it tries once: what it misses, the relay publishes. */
const createSNS = (patience: Patience): SNSClient =>
  patience === "ack"
    ? new SNSClient({ maxAttempts: 1, requestHandler: ACK_LIMITS })
    : new SNSClient({ maxAttempts: 3, requestHandler: PATIENT_LIMITS });

export { createDynamoDB, createSNS, MAX_CALLS };
