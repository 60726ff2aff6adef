import type { RoleCaller, ServiceCaller } from "../../kernel/caller";
import type { Cloud } from "../../kernel/service";
import type { PublishedMessage } from "./message";
import { buildFirehoseRecord, buildLambdaEvent, buildNotification, textFor, unsubscribeUrl } from "./notification";
import type { Subscription } from "./subscription";

/** Maximum number of message attributes that SQS accepts (SNS developer guide, "Raw message delivery"). */
const MAX_RAW_ATTRIBUTES = 10;

/** Delivers a message to a subscriber. Resolves when the subscriber's service has stored it; throws that service's error. */
const deliver = async (cloud: Cloud, subscription: Subscription, message: PublishedMessage): Promise<void> => {
  const caller = callerFor(message);
  switch (subscription.record.protocol) {
    case "lambda":
      await invokeFunction(cloud, subscription, message, caller);
      break;
    case "sqs":
      await sendToQueue(cloud, subscription, message, caller);
      break;
    case "firehose":
      await putRecord(cloud, subscription, message);
      break;
    case "email":
    case "email-json":
      await sendMail(cloud, subscription, message, caller);
  }
};

/** SNS acts in its own name, on behalf of the topic. */
const callerFor = (message: Pick<PublishedMessage, "topicArn" | "trace">): ServiceCaller => ({
  kind: "service",
  principal: "sns.amazonaws.com",
  sourceArn: message.topicArn,
  trace: message.trace,
});

const invokeFunction = (cloud: Cloud, { record }: Subscription, message: PublishedMessage, caller: ServiceCaller) =>
  cloud.call(
    "lambda",
    "Invoke",
    {
      FunctionName: record.endpoint,
      InvocationType: "Event",
      Payload: JSON.stringify(buildLambdaEvent(message, record.arn, cloud.place)),
    },
    caller,
  );

const sendToQueue = (cloud: Cloud, subscription: Subscription, message: PublishedMessage, caller: ServiceCaller) => {
  const { record, isRaw } = subscription;
  const body = isRaw
    ? { MessageBody: textFor(message, "sqs"), MessageAttributes: rawAttributes(message) }
    : { MessageBody: buildNotification(message, "sqs", record.arn, cloud.place) };
  // On a standard topic, only queues get the group (SNS API reference, Publish).
  const group = message.group === undefined ? {} : { MessageGroupId: message.group };
  return cloud.call("sqs", "SendMessage", { QueueUrl: queueUrl(cloud, record.endpoint), ...body, ...group }, caller);
};

/** A subscription of a delivery stream has a role, which SNS assumes. */
const putRecord = (cloud: Cloud, subscription: Subscription, message: PublishedMessage) => {
  const { record, isRaw, roleArn } = subscription;
  const caller: RoleCaller = {
    kind: "role",
    roleArn: roleArn!,
    principal: "sns.amazonaws.com",
    sourceArn: message.topicArn,
    trace: message.trace,
  };
  const text = isRaw ? textFor(message, "firehose") : buildFirehoseRecord(message, record.arn, cloud.place);
  const Record = { Data: Buffer.from(`${text}\n`).toString("base64") };
  return cloud.call("firehose", "PutRecord", { DeliveryStreamName: record.endpoint.split("/").at(-1), Record }, caller);
};

const rawAttributes = ({ attributes }: PublishedMessage) => {
  const entries = Object.entries(attributes);
  if (entries.length === 0 || entries.length > MAX_RAW_ATTRIBUTES) return undefined;
  return Object.fromEntries(
    entries.map(([name, { Type, Value }]) => [
      name,
      { DataType: Type, [Type.startsWith("Binary") ? "BinaryValue" : "StringValue"]: Value },
    ]),
  );
};

const sendMail = (cloud: Cloud, { record }: Subscription, message: PublishedMessage, caller: ServiceCaller) => {
  const body =
    record.protocol === "email-json"
      ? buildNotification(message, "email-json", record.arn, cloud.place)
      : `${textFor(message, "email")}\n\n--\nTo stop these e-mails, follow this link:\n${unsubscribeUrl(record.arn, cloud.place)}\n`;
  return cloud.call("mail", "Send", { To: record.endpoint, Subject: message.subject ?? "AWS Notification Message", Body: body }, caller);
};

/** Sends an undeliverable message to the dead-letter queue, with the last error. The body is a notification for every protocol. */
const sendToDeadLetters = (cloud: Cloud, subscription: Subscription, queueArn: string, message: PublishedMessage, failure: Failure) => {
  const { arn, protocol } = subscription.record;
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  return cloud.call(
    "sqs",
    "SendMessage",
    {
      QueueUrl: queueUrl(cloud, queueArn),
      MessageBody: buildNotification(message, protocol, arn, cloud.place),
      MessageAttributes: { ErrorCode: text(failure.code), ErrorMessage: text(failure.message.slice(0, 1000) || failure.code) },
    },
    callerFor(message),
  );
};

/** The reason why a delivery failed. */
interface Failure {
  code: string;
  message: string;
  /** The endpoint is gone or refuses SNS, so retries would not help. */
  isPermanent: boolean;
}

const queueUrl = ({ place }: Cloud, arn: string) => `${place.awsUrl}/${place.account}/${arn.split(":").at(-1)}`;

export type { Failure };
export { deliver, sendToDeadLetters };
