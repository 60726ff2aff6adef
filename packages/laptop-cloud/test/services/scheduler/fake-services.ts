import type { Call, ServiceDefinition } from "../../../src/kernel/service";
import { createSibling } from "../../sibling";

interface Received {
  service: string;
  operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the input of any operation, whose fields the tests compare.
  input: any;
  call: Call;
}

/** A service whose operations check a permission and then call `answer`. */
const createFakeService = (name: string, permissions: Record<string, string>, answer: (received: Received) => object): ServiceDefinition =>
  createSibling(
    name,
    Object.fromEntries(
      Object.entries(permissions).map(([operation, action]) => [
        operation,
        (input: Record<string, string>, call: Call) => {
          call.authorize(action, arnOf(input));
          return answer({ service: name, operation, input, call });
        },
      ]),
    ),
  ).definition;

const arnOf = (input: Record<string, string>): string =>
  input["FunctionName"] ??
  input["TopicArn"] ??
  input["stateMachineArn"] ??
  `arn:aws:sqs:us-east-1:000000000000:${input["QueueUrl"]?.split("/").at(-1)}`;

/** Lambda, SQS, SNS and Step Functions, as far as a schedule calls them. */
const createFakeServices = (answer: (received: Received) => object): ServiceDefinition[] => [
  createFakeService("lambda", { Invoke: "lambda:InvokeFunction" }, answer),
  createFakeService("sqs", { SendMessage: "sqs:SendMessage" }, answer),
  createFakeService("sns", { Publish: "sns:Publish" }, answer),
  createFakeService("states", { StartExecution: "states:StartExecution" }, answer),
];

export type { Received };
export { createFakeServices };
