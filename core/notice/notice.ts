/** Notices: the outcomes of background work, as a text for people with the details that the notifier needs beside it. */
import { isJsonObject, type JsonObject } from "#core/json";
import { isSlackId, isSlackTs } from "#core/message/message";

interface Notice {
  /** The same for the same outcome, however often it is told. */
  id: string;
  outcome: "success" | "error";
  title: string;
  /** Plain text; it is escaped on its way to Slack. */
  text: string;
  /** Where in Slack to tell it: a channel, or a person, who gets a direct message. Default: the configured channel. */
  channel?: string;
  user?: string;
  /** The message to answer in a thread. */
  threadTs?: string;
  /** The accepted message that began the work. */
  messageId?: string;
  /** Whether it may tell what was said or shared in private: an e-mail then has its title only. */
  private?: boolean;
  /** Facts worth a line of their own, by name. */
  fields?: Record<string, string>;
  /** Block Kit in place of the usual layout, as Slack takes it; `text` is its fallback. */
  blocks?: JsonObject[];
}

/** What is published: subscribers by e-mail read the message as it is. */
interface Notification {
  subject: string;
  /** The notice's text alone. */
  text: string;
  /** What an e-mail says: the text, unless it is private, and its id, since e-mail may come twice. */
  message: string;
  /** The notice as JSON: the message attribute `notice`. */
  details: string;
}

/** The part of SNS's notification that is read. Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
interface SnsNotification {
  messageId: string;
  topicArn: string;
  subject?: string;
  message: string;
  /** The message attribute `notice`. */
  details?: string;
}

/** SNS takes subjects of up to 100 printable ASCII characters. */
const MAX_SUBJECT_CHARACTERS = 100;
/** What an e-mail says in place of a private notice. */
const IN_PRIVATE = "The details are in Slack, in the conversation where this began.";
/** What describes errors in the settings of every pipeline. */
const FAILED = "[ERROR]: Task failed";

/** Builds the notification of a notice. */
const buildNotification = (notice: Notice): Notification => ({
  subject: notice.title.replace(/[^\x20-\x7e]+/g, " ").slice(0, MAX_SUBJECT_CHARACTERS),
  text: notice.text,
  message: `${notice.private === true ? IN_PRIVATE : notice.text}\n\nNotice: ${notice.id}`,
  details: JSON.stringify(notice),
});

const parseObject = (json: string | undefined): JsonObject | undefined => {
  if (!json?.trimStart().startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Text that only begins like JSON is text.
    return undefined;
  }
};

const readString = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const readFields = (value: unknown): Record<string, string> | undefined =>
  isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, String(field)])) : undefined;

/** Reads a notice's details; ids that are none of Slack's are left out, the configured channel takes their place. */
const parseDetails = (details: JsonObject): Partial<Notice> => {
  const { channel, user, threadTs, blocks, outcome } = details;
  const read: Partial<Notice> = {
    id: readString(details["id"]),
    outcome: outcome === "success" || outcome === "error" ? outcome : undefined,
    title: readString(details["title"]),
    text: readString(details["text"]),
    channel: isSlackId(channel) ? channel : undefined,
    user: isSlackId(user) ? user : undefined,
    threadTs: isSlackTs(threadTs) ? threadTs : undefined,
    messageId: readString(details["messageId"]),
    fields: readFields(details["fields"]),
    blocks: Array.isArray(blocks) && blocks.every(isJsonObject) ? blocks : undefined,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
};

/** Reads a CloudWatch alarm. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html */
const parseAlarm = (alarm: JsonObject): Partial<Notice> => {
  const [name, state] = [readString(alarm["AlarmName"]) ?? "", readString(alarm["NewStateValue"]) ?? ""];
  return {
    id: ["alarm", readString(alarm["AlarmArn"]) ?? name, readString(alarm["StateChangeTime"])].join("#"),
    outcome: state === "OK" ? "success" : "error",
    title: state === "OK" ? "Alarm resolved" : "Alarm",
    text: readString(alarm["AlarmDescription"]) ?? name,
    fields: { alarm: name, state, reason: readString(alarm["NewStateReason"]) ?? "" },
  };
};

/** Parses what came from a topic: a notice (as text with details, or all in JSON), an alarm of CloudWatch's, or any other text. */
const parseNotice = (notification: SnsNotification, errorsTopicArn: string): Notice => {
  const { messageId, topicArn, subject, message } = notification;
  const body = parseObject(message);
  const details = parseObject(notification.details) ?? body;
  const outcome = topicArn === errorsTopicArn ? "error" : "success";
  const read = details === undefined ? {} : "AlarmName" in details ? parseAlarm(details) : parseDetails(details);
  return { id: messageId, outcome, title: subject ?? (outcome === "error" ? "Failed" : "Done"), text: message, ...read };
};

export type { Notice, Notification, SnsNotification };
export { buildNotification, FAILED, parseNotice };
