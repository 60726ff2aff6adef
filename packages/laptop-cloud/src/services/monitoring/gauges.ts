import { AwsError } from "../../kernel/aws-error";
import { administrator } from "../../kernel/caller";
import type { Cloud } from "../../kernel/service";
import { occurred } from "./occurred";
import type { Metric } from "./store";

/** Metrics that queues report, by the attribute that says the same. */
const queueGauges: Record<string, string> = {
  ApproximateNumberOfMessagesVisible: "ApproximateNumberOfMessages",
  ApproximateNumberOfMessagesNotVisible: "ApproximateNumberOfMessagesNotVisible",
  ApproximateNumberOfMessagesDelayed: "ApproximateNumberOfMessagesDelayed",
  // No attribute on AWS: our SQS answers it to whoever asks for it by this name.
  ApproximateAgeOfOldestMessage: "ApproximateAgeOfOldestMessage",
};
const queueNamespace = "AWS/SQS";

/** Metrics that come by themselves, by namespace: their names and the one dimension. Step Functions reports its own through PutMetricData. */
const reported: Record<string, { names: string[]; dimension: string }> = {
  ...occurred,
  "AWS/States": {
    names: ["ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionTime"],
    dimension: "StateMachineArn",
  },
};

const isReported = ({ Namespace, MetricName, Dimensions }: Metric): boolean => {
  if (!Object.hasOwn(reported, Namespace)) return false;
  const { names, dimension } = reported[Namespace]!;
  return names.includes(MetricName) && Dimensions.length === 1 && Dimensions[0]!.Name === dimension;
};

const isSampled = ({ Namespace, MetricName, Dimensions }: Metric): boolean =>
  Namespace === queueNamespace && Object.hasOwn(queueGauges, MetricName) && Dimensions.length === 1 && Dimensions[0]!.Name === "QueueName";

/** Every metric of AWS's own that is imitated, with its one dimension, for people. */
const knownMetrics = () => [
  ...Object.keys(queueGauges).map(name => `${queueNamespace} ${name} of one QueueName`),
  ...Object.entries(reported).flatMap(([namespace, { names, dimension }]) => names.map(name => `${namespace} ${name} of one ${dimension}`)),
];

/** The metric's value now; nothing for a queue that does not exist. Asked as the administrator: a service of AWS measures itself. */
const readGauge = async (cloud: Cloud, { MetricName, Dimensions }: Metric): Promise<number | undefined> => {
  const attribute = queueGauges[MetricName]!;
  const QueueUrl = `${cloud.place.awsUrl}/${cloud.place.account}/${Dimensions[0]!.Value}`;
  try {
    const { Attributes } = await cloud.call("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames: [attribute] }, administrator);
    return Number(Attributes[attribute]);
  } catch (error) {
    if (error instanceof AwsError && /NonExistentQueue|QueueDoesNotExist|UnknownService/.test(error.code)) return undefined;
    throw error;
  }
};

export { isReported, isSampled, knownMetrics, readGauge };
