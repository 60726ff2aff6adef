import type { Declared } from "../../../src/kernel/service";

const arnOf = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;

const queueArn = (name: string) => arnOf("sqs", name);

/** A queue to which EventBridge may send. */
const queue = (name: string, { isOpen = true } = {}): Declared[] => [
  { type: "aws:sqs/queue:Queue", name, inputs: { name } },
  ...(isOpen ? [queuePolicy(name)] : []),
];

const queuePolicy = (name: string): Declared => ({
  type: "aws:sqs/queuePolicy:QueuePolicy",
  name,
  inputs: {
    queueUrl: `http://127.0.0.1/000000000000/${name}`,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queueArn(name) }],
    }),
  },
});

const bus = (name: string): Declared => ({ type: "aws:cloudwatch/eventBus:EventBus", name, inputs: { name } });

const rule = (name: string, inputs: Declared["inputs"]): Declared => ({ type: "aws:cloudwatch/eventRule:EventRule", name, inputs });

const target = (ruleName: string, arn: string, inputs: Declared["inputs"] = {}): Declared => ({
  type: "aws:cloudwatch/eventTarget:EventTarget",
  name: `${ruleName}-target`,
  inputs: { rule: ruleName, arn, ...inputs },
});

export { arnOf, bus, queue, queueArn, rule, target };
