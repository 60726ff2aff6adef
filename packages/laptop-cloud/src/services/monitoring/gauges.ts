import { AwsError } from "../../kernel/aws-error";
import { administrator } from "../../kernel/caller";
import type { Cloud } from "../../kernel/service";
import { occurred } from "./occurred";
import type { Metric } from "./store";

/** Metrics of queues, by the queue attribute with the same value. */
const queueGauges: Record<string, string> = {
  ApproximateNumberOfMessagesVisible: "ApproximateNumberOfMessages",
  ApproximateNumberOfMessagesNotVisible: "ApproximateNumberOfMessagesNotVisible",
  ApproximateNumberOfMessagesDelayed: "ApproximateNumberOfMessagesDelayed",
  // Not an attribute on AWS: our SQS returns it to requests that name it.
  ApproximateAgeOfOldestMessage: "ApproximateAgeOfOldestMessage",
};
const queueNamespace = "AWS/SQS";

/** Metrics that are measured here, by namespace: their names and their dimension. Step Functions and Firehose call PutMetricData. */
const reported: Record<string, { names: string[]; dimension: string }> = {
  ...occurred,
  "AWS/States": {
    names: ["ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionTime"],
    dimension: "StateMachineArn",
  },
  "AWS/Firehose": { names: ["DeliveryToS3.DataFreshness"], dimension: "DeliveryStreamName" },
};

const isReported = ({ Namespace, MetricName, Dimensions }: Metric): boolean => {
  if (!Object.hasOwn(reported, Namespace)) return false;
  const { names, dimension } = reported[Namespace]!;
  return names.includes(MetricName) && Dimensions.length === 1 && Dimensions[0]!.Name === dimension;
};

const isSampled = ({ Namespace, MetricName, Dimensions }: Metric): boolean =>
  Namespace === queueNamespace && Object.hasOwn(queueGauges, MetricName) && Dimensions.length === 1 && Dimensions[0]!.Name === "QueueName";

/** All imitated metrics of AWS with their dimension, for messages. */
const knownMetrics = () => [
  ...Object.keys(queueGauges).map(name => `${queueNamespace} ${name} of one QueueName`),
  ...Object.entries(reported).flatMap(([namespace, { names, dimension }]) => names.map(name => `${namespace} ${name} of one ${dimension}`)),
];

/** The metric's current value; undefined for a missing queue. Calls as the administrator, because AWS measures without permissions. */
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
