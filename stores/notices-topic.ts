/** The topics `successes` and `errors`: notices for people. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { buildNotification, type Notice } from "#core/notice";
import { createSNS } from "#stores/aws-clients";

class NoticesTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
  ) {}

  /** Publishes a notice: its text as the message, its details beside it. */
  async publish(notice: Notice): Promise<void> {
    const { subject, message, details } = buildNotification(notice);
    await this.client.send(
      new PublishCommand({
        TopicArn: this.topicArn,
        Subject: subject,
        Message: message,
        MessageAttributes: { notice: { DataType: "String", StringValue: details } },
      }),
    );
  }
}

/** Creates the store and its client. */
const createNoticesTopic = (topicArn: string): NoticesTopic => new NoticesTopic(createSNS("background"), topicArn);

export { createNoticesTopic, NoticesTopic };
