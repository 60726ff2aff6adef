/** The topics `successes` and `errors`: notices for people. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { buildNotification, type Notice } from "#core/notice/notice";
import { createSNS } from "#stores/aws-clients";

class NoticesTopic {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
  ) {}

  /** Publishes a notice: the text as the message, the details as an attribute. */
  async publish(notice: Notice): Promise<void> {
    const { subject, message, details } = buildNotification(notice);
    await this.client.send(
      new PublishCommand({
        TopicArn: this.topicArn,
        Subject: subject,
        Message: message,
        // The notifier's queue takes its teams in turn (ADR 65).
        ...(notice.team === undefined ? {} : { MessageGroupId: notice.team }),
        MessageAttributes: {
          notice: { DataType: "String", StringValue: details },
          // E-mail subscriptions filter on messages without this attribute, so that a personal notice does not go to the whole team.
          ...(notice.user === undefined ? {} : { user: { DataType: "String", StringValue: notice.user } }),
        },
      }),
    );
  }
}

const createNoticesTopic = (topicArn: string): NoticesTopic => new NoticesTopic(createSNS("background"), topicArn);

export { createNoticesTopic, NoticesTopic };
