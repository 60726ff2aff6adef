import type { Resource } from "../src/protocol";
import { shortenArn } from "./format";

interface DeadLetterLinks {
  /** Where the queue sends what was received too often. */
  target?: { name: string; maxReceives: number };
  /** What sends its dead letters to the queue: functions, queues, subscriptions, schedules. */
  sources: string[];
}

const QUEUE = "aws:sqs/queue:Queue";

/** How dead letters come to a queue and leave it. `name` is its Pulumi name. */
const findDeadLetterLinks = (resources: Resource[], name: string): DeadLetterLinks => {
  const queue = resources.find(each => each.type === QUEUE && each.name === name);
  const own = resources.find(({ type, inputs }) => type === "aws:sqs/redrivePolicy:RedrivePolicy" && inputs["queueUrl"] === queue?.id);
  const policy = parsePolicy((own ?? queue)?.inputs["redrivePolicy"]);
  const arn = queue?.outputs["arn"];
  const sources = resources.filter(each => deadLetterArns(each).includes(arn)).map(each => sourceOf(resources, each));
  const target = resources.find(({ type, outputs }) => type === QUEUE && outputs["arn"] === policy?.deadLetterTargetArn);
  return {
    ...(policy === undefined
      ? {}
      : { target: { name: target?.name ?? policy.deadLetterTargetArn, maxReceives: Number(policy.maxReceiveCount) } }),
    sources: [...new Set(sources)],
  };
};

interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount?: number | string;
}

const parsePolicy = (policy: unknown): RedrivePolicy | undefined =>
  typeof policy === "string" && policy !== "" ? (JSON.parse(policy) as RedrivePolicy) : undefined;

const deadLetterArns = ({ inputs }: Resource): unknown[] => [
  inputs["deadLetterConfig"]?.targetArn,
  inputs["deadLetterConfig"]?.arn,
  inputs["target"]?.deadLetterConfig?.arn,
  inputs["destinationConfig"]?.onFailure?.destination,
  parsePolicy(inputs["redrivePolicy"])?.deadLetterTargetArn,
];

/** A subscription is named by its topic and endpoint, a redrive policy by its queue. */
const sourceOf = (resources: Resource[], { type, name, inputs }: Resource): string => {
  if (type === "aws:sns/topicSubscription:TopicSubscription")
    return `${shortenArn(String(inputs["topic"]))} → ${shortenArn(String(inputs["endpoint"])).replace(/^function:/, "")}`;
  return type === "aws:sqs/redrivePolicy:RedrivePolicy" ? (resources.find(({ id }) => id === inputs["queueUrl"])?.name ?? name) : name;
};

export type { DeadLetterLinks };
export { findDeadLetterLinks };
