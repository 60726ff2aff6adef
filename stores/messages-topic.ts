/** The topic `messages`: everything said is published here once. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { MessageAttributes } from "#core/message";

class MessagesTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
  ) {}

  /** Publishes an envelope. */
  async publish(envelope: string, attributes: MessageAttributes, abortSignal: AbortSignal): Promise<void> {
    const entries = Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }] as const);
    await this.client.send(
      new PublishCommand({ TopicArn: this.topicArn, Message: envelope, MessageAttributes: Object.fromEntries(entries) }),
      { abortSignal },
    );
  }
}

export { MessagesTopic };
