import { SNSClient } from "@aws-sdk/client-sns";
import { type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import type { Caller } from "../../../src/kernel/caller";
import type { Declared } from "../../../src/kernel/service";
import { mail } from "../../../src/services/mail";
import { sns } from "../../../src/services/sns";
import { sqs } from "../../../src/services/sqs";
import { createSibling } from "../../sibling";

const topicArn = "arn:aws:sns:us-east-1:000000000000:messages";
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

const declareTopic = (name = "messages", inputs: Record<string, unknown> = {}): Declared => ({ type: "aws:sns/topic:Topic", name, inputs });

const declareSubscription = (name: string, inputs: Record<string, unknown>): Declared => ({
  type: "aws:sns/topicSubscription:TopicSubscription",
  name,
  inputs: { topic: topicArn, ...inputs },
});

/** A queue that takes what SNS sends for the topic. */
const declareQueue = (name: string, inputs: Record<string, unknown> = {}): Declared => ({
  type: "aws:sqs/queue:Queue",
  name,
  inputs: {
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: queueArn(name),
          Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
        },
      ],
    }),
    ...inputs,
  },
});

interface Invocation {
  // biome-ignore lint/suspicious/noExplicitAny: what a function would read from its event.
  event: any;
  functionName: string;
  caller: Caller;
}

/** Functions as SNS sees them: takes asynchronous invocations, or answers with what `answer` throws. */
class FakeLambda {
  readonly invocations: Invocation[] = [];
  attempts = 0;
  answer: () => void = () => {};

  readonly definition = createSibling("lambda", {
    Invoke: ({ FunctionName, Payload }, { caller }) => {
      this.attempts++;
      this.answer();
      this.invocations.push({ event: JSON.parse(Payload), functionName: FunctionName, caller });
      return { StatusCode: 202 };
    },
  }).definition;
}

/** A laptop cloud with SNS, SQS, a mailbox and fake functions, and stock clients. */
const startTopics = async (resources: Declared[], directory?: string) => {
  const lambda = new FakeLambda();
  const laptop = await startLaptop({ definitions: [lambda.definition, sqs, sns, mail], resources, directory });
  const clients = { sns: new SNSClient(laptop.client), sqs: new SQSClient(laptop.client) };
  return {
    ...laptop,
    ...clients,
    lambda,
    receive: async (name: string): Promise<Message[]> => {
      const QueueUrl = `${laptop.cloud.place.awsUrl}/000000000000/${name}`;
      const input = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All" as const] };
      return (await clients.sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
    },
    stop: async () => {
      clients.sns.destroy();
      clients.sqs.destroy();
      await laptop.stop();
    },
  };
};

export { declareQueue, declareSubscription, declareTopic, functionArn, queueArn, startTopics, topicArn };
