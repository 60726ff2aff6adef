/** The topics `successes` and `errors`: notices for people. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { buildNotification, type Notice } from "#core/notice/notice";
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
        MessageAttributes: {
          notice: { DataType: "String", StringValue: details },
          // What is one person's is not e-mailed to a whole team: its subscriptions take messages without this attribute.
          ...(notice.user === undefined ? {} : { user: { DataType: "String", StringValue: notice.user } }),
        },
      }),
    );
  }
}

/** Creates the store and its client. */
const createNoticesTopic = (topicArn: string): NoticesTopic => new NoticesTopic(createSNS("background"), topicArn);

export { createNoticesTopic, NoticesTopic };
