/**
 * Posts notices, and answers to messages, to Slack: once each, at the rate that Slack allows, and without blocking.
 *
 * An attempt that dies leaves its claim on the post behind. Another attempt may take it over only when the first can't be running any
 * more. Host clocks can't decide that, because they may differ by minutes (ADR 20). So an attempt that finds a claim sends a copy of the
 * message, which names the holder and which SQS delays for longer than the function's timeout. When the copy arrives, Lambda has ended that
 * holder. The attempt that handles the copy first looks for the post in Slack. A claim by anybody else needs another copy.
 */

import { randomUUID } from "node:crypto";
import { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused } from "#core/errors";
import { createLog, type Log } from "#core/log";
import { parseEnvelope } from "#core/message/message";
import type { QueueUrl, TableName, TopicArn } from "#core/named";
import { buildLayout } from "#core/notice/layout";
import { parseNotice, type SnsNotification } from "#core/notice/notice";
import { createDynamoDB } from "#stores/aws-clients";
import { SeenTable } from "#stores/message/seen-table";
import { COPIES, createNoticesQueue, HOLDER, type NoticesQueue } from "#stores/notice/queue";
import { createReceiptsTable, type ReceiptsTable } from "#stores/notice/receipts-table";
import { createTeamSettings, type TeamSettingsNames, type TeamSettingsTable } from "#stores/slack/team-settings";
import { type TokensSettings, WITHOUT_APP } from "#stores/slack/tokens";
import { createSlacks, type Post, type Slack } from "#stores/slack/web-api";

interface NotifierSettings {
  receiptsTable: TableName;
  queueUrl: QueueUrl;
  deadLettersUrl: QueueUrl;
  errorsTopicArn: TopicArn;
  /** The channel for notices that name no other place. Without it, they go out by e-mail only. */
  notifyChannel: string;
  /** Where the answers to messages are kept. Undefined where the outgoing webhook answers. */
  seenTable?: TableName | undefined;
  /** The tokens of many workspaces, and what those have chosen. Both are undefined where the stack serves one workspace. */
  tokens?: TokensSettings | undefined;
  chosen?: TeamSettingsNames | undefined;
}

/** The part of an SQS event that is read. Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
interface SqsEvent {
  Records: SqsRecord[];
}

interface SqsRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  messageAttributes?: Record<string, { stringValue?: string } | undefined>;
}

/** Names the messages to deliver again. */
interface BatchAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** What to post, and where: in a channel, or as a direct message to a person. Default: in the configured channel. */
interface Posting extends Omit<Post, "channel"> {
  /** The workspace that it belongs to. */
  team?: string | undefined;
  channel?: string | undefined;
  user?: string | undefined;
}

/** The result for one message. `held`: `holder` has claimed the notice, so a copy must arrive after that attempt is dead. */
type Outcome = { state: "done" } | { state: "later"; seconds: number } | { state: "held"; holder: string; seconds: number };

/** A notice that another attempt holds. */
type Held = Extract<Outcome, { state: "held" }> & Pick<Posting, "team">;

/** An attempt to post: the key of its receipt, its claim on it, and the key of its channel's pace. */
interface Attempt {
  receipt: string;
  claimant: string;
  pace: string;
}

/** Slack accepts about one message per second and channel. Source: https://docs.slack.dev/apis/web-api/rate-limits */
const PACE_MS = 1000;
/** Longer than the function's timeout: an attempt that began before a copy was sent has ended when the copy arrives. */
const COPY_SECONDS = 20;
/** After this many copies the notice becomes a dead letter, as it would after this many receives. */
const MAX_COPIES = 100;
/** After this time, a batch starts no further message. The rest is delivered again. */
const BATCH_MS = 1000;
/** When Slack does not say how long to wait. */
const BUSY_SECONDS = 10;
/** Reading an answer takes one call, which may be retried. */
const READ_MS = 1000;

interface NotifierParts {
  slacks: { of(team: string): Pick<Slack, "post" | "openConversation" | "findPosted"> };
  receipts: Pick<ReceiptsTable, "claim" | "release" | "settle" | "takeTurn" | "holdBack">;
  queue: Pick<NoticesQueue, "postpone" | "sendCopy" | "giveUp">;
  seen?: Pick<SeenTable, "get"> | undefined;
  /** Undefined where the stack serves one workspace. */
  chosen?: Pick<TeamSettingsTable, "readRecent"> | undefined;
  settings: Pick<NotifierSettings, "errorsTopicArn" | "notifyChannel" | "tokens">;
  log: Log;
  nowMs?: () => number;
  newClaimant?: () => string;
}

class Notifier {
  readonly #parts: NotifierParts & Required<Pick<NotifierParts, "nowMs" | "newClaimant">>;

  constructor(parts: NotifierParts) {
    this.#parts = { nowMs: Date.now, newClaimant: randomUUID, ...parts };
  }

  /** Handles the messages one after another, since most are for one channel. Returns those to deliver again. */
  async handle({ Records }: SqsEvent): Promise<BatchAnswer> {
    const deadline = new Deadline(BATCH_MS);
    const batchItemFailures: BatchAnswer["batchItemFailures"] = [];
    for (const [index, record] of Records.entries()) {
      const isLater = deadline.leftMs === 0 || (await this.handleRecord(record, index));
      if (isLater) batchItemFailures.push({ itemIdentifier: record.messageId });
    }
    return { batchItemFailures };
  }

  /** Posts what one message asks for, and tells whether it must be delivered again. */
  async handleRecord(record: SqsRecord, index: number): Promise<boolean> {
    let about: { messageId: string; team?: string | undefined } = { messageId: record.messageId };
    try {
      const posting = await this.parse(record);
      about = { ...about, team: posting.team };
      const outcome = await this.deliver(posting, readAttribute(record, HOLDER));
      if (outcome.state === "done") return false;
      if (outcome.state === "held") return await this.leaveToCopy(record, { ...outcome, team: posting.team }, index);
      // Messages that wait for one channel come one after another rather than all at once.
      await this.#parts.queue.postpone(record.receiptHandle, outcome.seconds + index);
      return true;
    } catch (error) {
      if (error instanceof SlackRefused && WITHOUT_APP.includes(error.context["code"])) {
        // Nobody there waits for the post. A notice has told the installer, once, if the app must be installed again.
        this.#parts.log.info("not posted", { ...about, reason: error.message });
        return false;
      }
      if (error instanceof SlackRefused) {
        this.#parts.log.error("Slack refuses a post", error, about);
        await this.#parts.queue.giveUp(record.body, error.message);
        return false;
      }
      this.#parts.log.error("not posted yet", error, about);
      return true;
    }
  }

  /** Replaces the message with a delayed copy. If this attempt dies in between, both exist, which is harmless. */
  private async leaveToCopy(record: SqsRecord, { holder, seconds, team }: Held, index: number): Promise<false> {
    const copies = Number(readAttribute(record, COPIES) ?? 0) + 1;
    if (copies > MAX_COPIES) await this.#parts.queue.giveUp(record.body, `Slack did not answer ${MAX_COPIES} attempts.`);
    else await this.#parts.queue.sendCopy(record.body, { holder, copies, ...(team !== undefined && { team }) }, seconds + index);
    return false;
  }

  /** Parses a record: a notice, or a message with an answer. */
  async parse({ body }: SqsRecord): Promise<Posting> {
    const notification = JSON.parse(body) as SnsBody;
    if (notification.MessageAttributes?.answered !== undefined) return this.findAnswer(notification.Message);
    const notice = parseNotice(readNotification(notification), this.#parts.settings.errorsTopicArn);
    const { id, team, channel, user, threadTs } = notice;
    return { id, team, channel, user, threadTs, ...buildLayout(notice) };
  }

  /** Reads the answer to a message; it goes to the conversation and thread of the message. It is mrkdwn already. */
  async findAnswer(envelope: string): Promise<Posting> {
    const { id, data } = parseEnvelope(envelope);
    const { answer } = (await this.#parts.seen?.get(id, new Deadline(READ_MS))) ?? {};
    if (answer === undefined) throw new Error(`No answer to ${id} is kept.`);
    return { id: `${id}#answer`, team: data.team, channel: data.channel, threadTs: data.threadTs, text: answer };
  }

  /** Posts once: waits for the channel, claims the receipt, posts, settles the receipt. `dead` is an earlier holder that has ended. */
  async deliver(posting: Posting, dead?: string): Promise<Outcome> {
    const { id, team = "", user } = posting;
    // Where there are many workspaces, a notice for the operator goes out by e-mail only.
    if (team === "" && this.#parts.settings.tokens !== undefined) return { state: "done" };
    const place = user ?? posting.channel ?? (await this.findChannel(team));
    if (place === "") return { state: "done" };
    const [receipt, pace] = [this.keyOf(team, id), this.keyOf(team, place)];
    const waitMs = await this.#parts.receipts.takeTurn(pace, this.#parts.nowMs(), PACE_MS);
    if (waitMs > 0) return { state: "later", seconds: Math.ceil(waitMs / 1000) };
    const claimant = this.#parts.newClaimant();
    const claim = await this.#parts.receipts.claim(receipt, claimant, this.#parts.nowMs(), dead);
    if (claim.state === "posted") return { state: "done" };
    if (claim.state === "taken") return { state: "held", holder: claim.claimant, seconds: COPY_SECONDS };
    try {
      const channel = user === undefined ? place : await this.#parts.slacks.of(team).openConversation(user);
      const ts = await this.post(posting, channel, claim.first ? undefined : claim.sinceMs);
      await this.#parts.receipts.settle(receipt, channel, ts);
      this.#parts.log.info("posted", { id, team: posting.team, channel, ts });
      return { state: "done" };
    } catch (error) {
      if (error instanceof SlackBusy) return this.wait({ receipt, claimant, pace }, error);
      // It was not posted. Without this claim, a redrive need not wait.
      if (error instanceof SlackRefused) await this.#parts.receipts.release(receipt, claimant);
      throw error;
    }
  }

  /** Finds the channel for notices that name no place; empty if there is none. */
  private async findChannel(team: string): Promise<string> {
    const chosen = team === "" ? undefined : await this.#parts.chosen?.readRecent(team, new Deadline(READ_MS));
    return (chosen?.settings ?? this.#parts.settings).notifyChannel;
  }

  /** Builds the key of a receipt or of a channel's pace. */
  private keyOf(team: string, key: string): string {
    return this.#parts.settings.tokens === undefined ? key : `${team}#${key}`;
  }

  /** Posts, unless an earlier attempt posted and died before it settled the receipt. Returns the `ts`. */
  async post({ id, team = "", threadTs, text, blocks }: Posting, channel: string, attemptedSinceMs: number | undefined): Promise<string> {
    const slack = this.#parts.slacks.of(team);
    const ts = attemptedSinceMs === undefined ? undefined : await slack.findPosted({ channel, id, threadTs }, attemptedSinceMs);
    return ts ?? slack.post({ channel, id, threadTs, text, blocks });
  }

  /** Delays all posts in a channel for as long as Slack asks. If Slack did not answer, the post may have succeeded: a copy looks for it. */
  async wait({ receipt, claimant, pace }: Attempt, error: SlackBusy): Promise<Outcome> {
    const seconds = error.retryAfterSeconds ?? BUSY_SECONDS;
    this.#parts.log.error("Slack is busy", error, { seconds, receipt });
    await this.#parts.receipts.holdBack(pace, this.#parts.nowMs() + seconds * 1000);
    if (error.retryAfterSeconds === undefined) return { state: "held", holder: claimant, seconds: COPY_SECONDS };
    await this.#parts.receipts.release(receipt, claimant);
    return { state: "later", seconds };
  }
}

/** SNS's wrapper around a message in a queue, without raw message delivery. */
interface SnsBody {
  MessageId: string;
  TopicArn: string;
  Subject?: string;
  Message: string;
  MessageAttributes?: { notice?: { Value: string }; answered?: { Value: string } };
}

const readAttribute = ({ messageAttributes }: SqsRecord, name: string): string | undefined => messageAttributes?.[name]?.stringValue;

const readNotification = ({ MessageId, TopicArn, Subject, Message, MessageAttributes }: SnsBody): SnsNotification => ({
  messageId: MessageId,
  topicArn: TopicArn,
  subject: Subject,
  message: Message,
  details: MessageAttributes?.notice?.Value,
});

/** Creates the function that the notifier's queue feeds; its secret is `ACCESS_TOKEN` where the stack serves one workspace, and `SLACK_URL` says where Slack is. */
const create = (settings: NotifierSettings): ((event: SqsEvent) => Promise<BatchAnswer>) => {
  const notifier = new Notifier({
    slacks: createSlacks(settings.tokens),
    receipts: createReceiptsTable(settings.receiptsTable),
    queue: createNoticesQueue(settings.queueUrl, settings.deadLettersUrl),
    seen: settings.seenTable === undefined ? undefined : new SeenTable(createDynamoDB("background"), settings.seenTable),
    chosen: createTeamSettings(settings.chosen),
    settings,
    log: createLog("notifier"),
  });
  return event => notifier.handle(event);
};

export type { NotifierSettings, SqsEvent };
export { COPY_SECONDS, create, Notifier };
