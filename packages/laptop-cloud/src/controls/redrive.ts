import { administrator } from "../kernel/caller";
import { HttpError, quote } from "../kernel/http";
import type { Resource } from "../kernel/inventory";
import { isObject } from "../kernel/json";
import type { Cloud } from "../kernel/service";
import { findResource } from "./find-resource";

interface DeadLetter {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MessageAttributes?: Record<string, { StringValue?: string }>;
}

/** The destination of a redriven dead letter, and its form. */
type Destination = { functionArn: string; event: object } | { queueArn: string; body: string } | { streamArn: string; body: string };

/** Hides a dead letter from other consumers while it is sent. */
const VISIBILITY_TIMEOUT_SECONDS = 60;

/**
 * Redrives a dead-letter queue. Messages of queues return to their queue by a move task. Messages of SNS, Lambda and the scheduler are sent to
 * their function or queue again. Returns the number of messages.
 *
 * Throws `HttpError` 404 for an unknown queue, 409 for a message of unknown origin.
 */
const redrive = async (cloud: Cloud, name: string): Promise<{ count: number }> => {
  const queue = findResource(cloud.inventory, "aws:sqs/queue:Queue", name, "queue");
  const sources = new Sources(cloud, String(queue.outputs["arn"]));
  const url = queue.outputs["url"];
  const { visible } = await cloud.call("sqs", "laptop:PeekMessages", { QueueUrl: url }, administrator);
  if (sources.queues.length > 0) {
    // A message that a consumer sent there itself has no source, so the only queue is named as the destination.
    const [only] = sources.queues.length === 1 ? sources.queues : [];
    const destination = only === undefined ? {} : { DestinationArn: only.outputs["arn"] };
    await cloud.call("sqs", "StartMessageMoveTask", { SourceArn: sources.arn, ...destination }, administrator);
    return { count: visible };
  }
  let count = 0;
  // Stops at the initial count, because a message that fails again at once comes back.
  while (count < visible) {
    const input = { QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS, MessageAttributeNames: ["All"] };
    const { Messages = [] } = await cloud.call("sqs", "ReceiveMessage", input, administrator);
    if (Messages.length === 0) break;
    for (const deadLetter of Messages as DeadLetter[]) {
      await send(cloud, sources.destinationOf(deadLetter));
      // Deleted last, so that a message that can't be sent stays.
      await cloud.call("sqs", "DeleteMessage", { QueueUrl: url, ReceiptHandle: deadLetter.ReceiptHandle }, administrator);
      count += 1;
    }
  }
  return { count };
};

const send = (cloud: Cloud, destination: Destination) => {
  if ("queueArn" in destination) {
    const QueueUrl = cloud.inventory.byArn(destination.queueArn)?.outputs["url"];
    return cloud.call("sqs", "SendMessage", { QueueUrl, MessageBody: destination.body }, administrator);
  }
  if ("streamArn" in destination) {
    const Record = { Data: Buffer.from(`${destination.body}\n`).toString("base64") };
    const DeliveryStreamName = cloud.inventory.byArn(destination.streamArn)?.outputs["name"];
    return cloud.call("firehose", "PutRecord", { DeliveryStreamName, Record }, administrator);
  }
  const { functionArn: FunctionName, event } = destination;
  return cloud.call("lambda", "Invoke", { FunctionName, InvocationType: "Event", Payload: JSON.stringify(event) }, administrator);
};

/** The declared sources of a dead-letter queue. */
class Sources {
  readonly queues: Resource[];
  readonly #functions: Resource[];
  readonly #subscriptions: Resource[];

  constructor(
    private readonly cloud: Cloud,
    readonly arn: string,
  ) {
    const { inventory } = cloud;
    const redrives = ({ inputs }: Resource) => deadLetterTargetOf(inputs["redrivePolicy"]) === arn;
    const policies = inventory.ofType("aws:sqs/redrivePolicy:RedrivePolicy").filter(redrives);
    const byPolicy = new Set(policies.map(({ inputs }) => inputs["queueUrl"]));
    this.queues = inventory.ofType("aws:sqs/queue:Queue").filter(queue => redrives(queue) || byPolicy.has(queue.id));
    this.#subscriptions = inventory.ofType("aws:sns/topicSubscription:TopicSubscription").filter(redrives);
    this.#functions = inventory
      .ofType("aws:lambda/function:Function")
      .filter(({ inputs }) => inputs["deadLetterConfig"]?.targetArn === arn);
  }

  /** Throws `HttpError` 409 for a message of unknown origin. */
  destinationOf({ MessageId, Body, MessageAttributes = {} }: DeadLetter): Destination {
    const content = parse(Body);
    const scheduled = MessageAttributes["TARGET_ARN"]?.StringValue;
    if (scheduled?.startsWith("arn:aws:lambda:")) return { functionArn: scheduled, event: content };
    if (content["Type"] === "Notification") return this.#subscriberOf(MessageId, Body, content);
    const subscription = this.cloud.inventory.byArn(subscriptionOf(content) ?? "");
    const functionArn = subscription?.inputs["endpoint"] ?? this.#onlyFunction();
    if (functionArn === undefined) throw unknownOrigin(MessageId);
    return { functionArn, event: content };
  }

  /** Finds the subscriber by the notification's topic, and by its unsubscribe link where several subscribers of the topic share the queue. */
  #subscriberOf(id: string, body: string, notification: Record<string, unknown>): Destination {
    const link = decodeURIComponent(String(notification["UnsubscribeURL"]));
    const ofTopic = this.#subscriptions.filter(({ inputs }) => inputs["topic"] === notification["TopicArn"]);
    const subscription = ofTopic.find(({ outputs }) => link.endsWith(outputs["arn"])) ?? (ofTopic.length === 1 ? ofTopic[0] : undefined);
    if (subscription === undefined) throw unknownOrigin(id);
    const { protocol, endpoint, rawMessageDelivery } = subscription.inputs;
    if (protocol === "sqs") return { queueArn: endpoint, body: rawMessageDelivery === true ? String(notification["Message"]) : body };
    if (protocol === "firehose")
      return { streamArn: endpoint, body: rawMessageDelivery === true ? String(notification["Message"]) : JSON.stringify(notification) };
    return { functionArn: endpoint, event: { Records: [buildRecord(notification, subscription.outputs["arn"])] } };
  }

  #onlyFunction(): string | undefined {
    return this.#functions.length === 1 ? this.#functions[0]!.outputs["arn"] : undefined;
  }
}

/** SNS sends the bare notification to a dead-letter queue; a function expects it in a record. */
const buildRecord = (notification: Record<string, unknown>, EventSubscriptionArn: string) => {
  const { SigningCertURL, UnsubscribeURL, ...rest } = notification;
  const Sns = { ...rest, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL };
  return { EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn, Sns };
};

const subscriptionOf = ({ Records }: Record<string, unknown>): string | undefined => {
  const first: unknown = Array.isArray(Records) ? Records[0] : undefined;
  return isObject(first) && typeof first["EventSubscriptionArn"] === "string" ? first["EventSubscriptionArn"] : undefined;
};

const deadLetterTargetOf = (policy: unknown): unknown =>
  typeof policy === "string" && policy !== "" ? (JSON.parse(policy) as { deadLetterTargetArn?: unknown }).deadLetterTargetArn : undefined;

const parse = (body: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(body);
    if (isObject(value)) return value;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw new HttpError(409, "not_redrivable", `A dead letter is ${quote(body)}, but must be an event or a notification.`);
};

const unknownOrigin = (id: string) =>
  new HttpError(409, "not_redrivable", `The source of the dead letter ${id} is unknown, so it stays in its queue.`);

export { redrive };
