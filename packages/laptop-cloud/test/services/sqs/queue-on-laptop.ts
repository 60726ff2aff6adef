import { SQSClient } from "@aws-sdk/client-sqs";
import { rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import type { Declared } from "../../../src/kernel/service";
import { sqs } from "../../../src/services/sqs";

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

const declareQueue = (name: string, inputs: Record<string, unknown> = {}): Declared => ({ type: "aws:sqs/queue:Queue", name, inputs });

/** A laptop cloud with queues only, and a stock client. */
const startQueues = async (resources: Declared[], directory?: string) => {
  const laptop = await startLaptop({ definitions: [sqs], resources, directory });
  const client = new SQSClient(laptop.client);
  return {
    ...laptop,
    sqs: client,
    urlOf: (name: string) => `${laptop.cloud.place.awsUrl}/000000000000/${name}`,
    stop: async () => {
      client.destroy();
      await laptop.stop();
    },
  };
};

/** The error with which a call to SQS fails. */
const refused = (call: Promise<unknown>) =>
  rejectionOf<Error & { Error?: { Code?: string }; $metadata?: { httpStatusCode?: number } }>(call);

export { arnOf, declareQueue, refused, startQueues };
