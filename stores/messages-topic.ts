/** The topic `messages`: everything said is published here once. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Door } from "#core/message";

/** What filter policies of subscriptions see. */
interface MessageAttributes {
  door: Door;
  hasFiles: boolean;
  mentionsBot: boolean;
  /** Only on messages that ask an agent to stop. */
  intent?: "stop";
}

const buildString = (value: string) => ({ DataType: "String", StringValue: value });

class MessagesTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
  ) {}

  /** Publishes an envelope. */
  async publish(envelope: string, attributes: MessageAttributes, abortSignal: AbortSignal): Promise<void> {
    await this.client.send(
      new PublishCommand({
        TopicArn: this.topicArn,
        Message: envelope,
        MessageAttributes: {
          door: buildString(attributes.door),
          hasFiles: buildString(String(attributes.hasFiles)),
          mentionsBot: buildString(String(attributes.mentionsBot)),
          ...(attributes.intent === undefined ? {} : { intent: buildString(attributes.intent) }),
        },
      }),
      { abortSignal },
    );
  }
}

export type { MessageAttributes };
export { MessagesTopic };
