/** The topic `messages`, to which every message is published once. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { type MessageAttributes, readTeamOf } from "#core/message/message";

interface PublishedAttributes extends MessageAttributes {
  /** Whether the message has an answer that the notifier posts. */
  answered?: boolean;
  /** The only subscriber of a replayed message. */
  replayTo?: string;
}

interface Published extends PublishedAttributes {
  /** The message's id, which begins with its team. */
  id: string;
}

/**
 * Ten is the most: SNS discards a message with more instead of delivering it raw to a queue.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
const ATTRIBUTE_NAMES = [
  "type",
  "door",
  "hasFiles",
  "mentionsBot",
  "private",
  "threaded",
  "channelType",
  "intent",
  "answered",
  "replayTo",
] as const satisfies (keyof PublishedAttributes)[];

const buildString = (value: unknown) => ({ DataType: "String", StringValue: String(value) });

class MessagesTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
  ) {}

  /** Publishes an envelope with the attributes that filter policies match. Queues take their teams in turn (ADR 65). */
  async publish(envelope: string, attributes: Published, abortSignal: AbortSignal): Promise<void> {
    await this.client.send(
      new PublishCommand({
        TopicArn: this.topicArn,
        Message: envelope,
        MessageGroupId: readTeamOf(attributes.id),
        MessageAttributes: Object.fromEntries(
          ATTRIBUTE_NAMES.filter(name => attributes[name] !== undefined).map(name => [name, buildString(attributes[name])]),
        ),
      }),
      { abortSignal },
    );
  }
}

export type { Published, PublishedAttributes };
export { MessagesTopic };
