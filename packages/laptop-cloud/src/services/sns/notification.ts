import type { Place } from "../../kernel/service";
import type { PublishedMessage } from "./message";

/**
 * The message format for each kind of subscriber (SNS developer guide, "Message and JSON formats").
 *
 * Differs: messages are not signed. Signature and certificate have placeholders, so that parsers find their fields.
 */
const signature = { version: "1", value: Buffer.from("not signed on the laptop").toString("base64") };

/** The body for queues without raw delivery, for e-mail (JSON) and for dead-letter queues. */
const buildNotification = (message: PublishedMessage, protocol: string, subscriptionArn: string, place: Place): string =>
  JSON.stringify(
    {
      Type: "Notification",
      MessageId: message.id,
      TopicArn: message.topicArn,
      Subject: message.subject,
      Message: textFor(message, protocol),
      Timestamp: new Date(message.publishedMs).toISOString(),
      SignatureVersion: signature.version,
      Signature: signature.value,
      SigningCertURL: signingCertificateUrl(place),
      UnsubscribeURL: unsubscribeUrl(subscriptionArn, place),
      MessageAttributes: Object.keys(message.attributes).length === 0 ? undefined : message.attributes,
    },
    null,
    2,
  );

/** The event for functions (Lambda developer guide, "Invoking Lambda functions with Amazon SNS notifications"). */
const buildLambdaEvent = (message: PublishedMessage, subscriptionArn: string, place: Place) => ({
  Records: [
    {
      EventSource: "aws:sns",
      EventVersion: "1.0",
      EventSubscriptionArn: subscriptionArn,
      Sns: {
        Type: "Notification",
        MessageId: message.id,
        TopicArn: message.topicArn,
        Subject: message.subject ?? null,
        Message: textFor(message, "lambda"),
        Timestamp: new Date(message.publishedMs).toISOString(),
        SignatureVersion: signature.version,
        Signature: signature.value,
        SigningCertUrl: signingCertificateUrl(place),
        UnsubscribeUrl: unsubscribeUrl(subscriptionArn, place),
        MessageAttributes: message.attributes,
      },
    },
  ],
});

/** The record for delivery streams ("Formatting Amazon SNS notifications for storage in Amazon S3 destinations"). A line break separates records. */
const buildFirehoseRecord = (message: PublishedMessage, subscriptionArn: string, place: Place): string =>
  JSON.stringify({
    Type: "Notification",
    MessageId: message.id,
    TopicArn: message.topicArn,
    Subject: message.subject,
    Message: textFor(message, "firehose"),
    Timestamp: new Date(message.publishedMs).toISOString(),
    UnsubscribeURL: unsubscribeUrl(subscriptionArn, place),
    MessageAttributes: Object.keys(message.attributes).length === 0 ? undefined : message.attributes,
  });

const textFor = (message: PublishedMessage, protocol: string): string => {
  const { byProtocol } = message;
  return byProtocol !== undefined && Object.hasOwn(byProtocol, protocol) ? byProtocol[protocol]! : message.text;
};

const signingCertificateUrl = ({ awsUrl }: Place) => `${awsUrl}/SimpleNotificationService.pem`;

const unsubscribeUrl = (subscriptionArn: string, { pageUrl }: Place) =>
  `${pageUrl}/mail/unsubscribe?${new URLSearchParams({ SubscriptionArn: subscriptionArn })}`;

export { buildFirehoseRecord, buildLambdaEvent, buildNotification, textFor, unsubscribeUrl };
