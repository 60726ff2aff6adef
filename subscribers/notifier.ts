/** Posts notices to Slack: once each, in the pace that Slack allows, and never waiting for it. */
import { randomUUID } from "node:crypto";
import { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused } from "#core/errors";
import { createLog, type Log } from "#core/log";
import { type Notice, parseNotice, type SnsNotification } from "#core/notice";
import { buildLayout } from "#core/notice-layout";
import { createNoticesQueue, type NoticesQueue } from "#stores/notices-queue";
import { createReceiptsTable, type ReceiptsTable } from "#stores/receipts-table";
import { createSlack, type Slack } from "#stores/slack";

interface NotifierSettings {
  receiptsTable: string;
  queueUrl: string;
  deadLettersUrl: string;
  errorsTopicArn: string;
  /** Where a notice goes that names no other place; with none, it stays with e-mail. */
  notifyChannel: string;
}

/** The part of an SQS event that is read. Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
interface SqsEvent {
  Records: SqsRecord[];
}

interface SqsRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
}

/** Names the messages that are to come again. */
interface BatchAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** What became of one message. */
type Outcome = { state: "done" } | { state: "later"; seconds: number };

/** Slack takes about one message a second and channel. Source: https://docs.slack.dev/apis/web-api/rate-limits */
const PACE_MS = 1000;
/** Longer than the function runs at most, so that no two post the same notice. */
const CLAIM_MS = 20_000;
/** A batch begins no further message after this; what is left comes again. */
const BATCH_MS = 1000;
/** When Slack does not say how long to wait. */
const BUSY_SECONDS = 10;

class Notifier {
  constructor(
    private readonly slack: Pick<Slack, "post" | "openConversation" | "findPosted">,
    private readonly receipts: Pick<ReceiptsTable, "claim" | "settle" | "takeTurn" | "holdBack">,
    private readonly queue: Pick<NoticesQueue, "postpone" | "giveUp">,
    private readonly settings: Pick<NotifierSettings, "errorsTopicArn" | "notifyChannel">,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
    private readonly newClaimant: () => string = randomUUID,
  ) {}

  /** Handles each message by itself, one after another: most are for one channel. Returns those that are to come again. */
  async handle({ Records }: SqsEvent): Promise<BatchAnswer> {
    const deadline = new Deadline(BATCH_MS);
    const batchItemFailures: BatchAnswer["batchItemFailures"] = [];
    for (const [index, record] of Records.entries()) {
      const isLater = deadline.leftMs === 0 || (await this.handleRecord(record, index));
      if (isLater) batchItemFailures.push({ itemIdentifier: record.messageId });
    }
    return { batchItemFailures };
  }

  /** Posts one message's notice; tells whether it is to come again. */
  async handleRecord(record: SqsRecord, index: number): Promise<boolean> {
    try {
      const outcome = await this.deliver(parseNotice(parseNotification(record), this.settings.errorsTopicArn));
      if (outcome.state === "done") return false;
      // Messages that wait for one channel come one after another rather than all at once.
      await this.queue.postpone(record.receiptHandle, outcome.seconds + index);
      return true;
    } catch (error) {
      if (error instanceof SlackRefused) {
        this.log.error("Slack refuses a notice", error, { messageId: record.messageId });
        await this.queue.giveUp(record.body, error.message);
        return false;
      }
      this.log.error("not posted yet", error, { messageId: record.messageId });
      return true;
    }
  }

  /** Posts a notice once: its turn, its receipt, the post, the receipt settled. */
  async deliver(notice: Notice): Promise<Outcome> {
    const place = notice.user ?? notice.channel ?? this.settings.notifyChannel;
    if (place === "") return { state: "done" };
    const waitMs = await this.receipts.takeTurn(place, this.nowMs(), PACE_MS);
    if (waitMs > 0) return { state: "later", seconds: Math.ceil(waitMs / 1000) };
    const nowMs = this.nowMs();
    const claim = await this.receipts.claim(notice.id, this.newClaimant(), nowMs, nowMs + CLAIM_MS);
    if (claim.state === "posted") return { state: "done" };
    if (claim.state === "taken") return { state: "later", seconds: Math.max(1, Math.ceil((claim.untilMs - nowMs) / 1000)) };
    try {
      const channel = notice.user === undefined ? place : await this.slack.openConversation(notice.user);
      const ts = await this.post(notice, channel, claim.first ? undefined : claim.sinceMs);
      await this.receipts.settle(notice.id, channel, ts);
      this.log.info("posted", { id: notice.id, channel, ts });
      return { state: "done" };
    } catch (error) {
      if (error instanceof SlackBusy) return this.wait(place, error);
      throw error;
    }
  }

  /** Posts, unless an earlier attempt did so and died before its receipt. Returns the `ts`. */
  async post(notice: Notice, channel: string, attemptedSinceMs: number | undefined): Promise<string> {
    const { id, threadTs } = notice;
    const ts = attemptedSinceMs === undefined ? undefined : await this.slack.findPosted({ channel, id, threadTs }, attemptedSinceMs);
    return ts ?? this.slack.post({ channel, id, threadTs, ...buildLayout(notice) });
  }

  /** Holds back all that waits for a channel, as long as Slack asks for, and this notice until its claim is over. */
  async wait(place: string, error: SlackBusy): Promise<Outcome> {
    const seconds = error.retryAfterSeconds ?? BUSY_SECONDS;
    this.log.error("Slack is busy", error, { seconds });
    await this.receipts.holdBack(place, this.nowMs() + seconds * 1000);
    return { state: "later", seconds: Math.max(seconds, Math.ceil(CLAIM_MS / 1000)) };
  }
}

/** What SNS puts into a queue without raw delivery. */
interface SnsBody {
  MessageId: string;
  TopicArn: string;
  Subject?: string;
  Message: string;
  MessageAttributes?: { notice?: { Value: string } };
}

const parseNotification = ({ body }: SqsRecord): SnsNotification => {
  const { MessageId, TopicArn, Subject, Message, MessageAttributes } = JSON.parse(body) as SnsBody;
  return { messageId: MessageId, topicArn: TopicArn, subject: Subject, message: Message, details: MessageAttributes?.notice?.Value };
};

/** Creates the function that the queue of notices feeds; its secret is `ACCESS_TOKEN`, and `SLACK_URL` says where Slack is. */
const createNotifier = (settings: NotifierSettings): ((event: SqsEvent) => Promise<BatchAnswer>) => {
  const notifier = new Notifier(
    createSlack(),
    createReceiptsTable(settings.receiptsTable),
    createNoticesQueue(settings.queueUrl, settings.deadLettersUrl),
    settings,
    createLog("notifier"),
  );
  return event => notifier.handle(event);
};

export type { NotifierSettings, SqsEvent };
export { createNotifier, Notifier };
