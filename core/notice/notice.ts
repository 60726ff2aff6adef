/** Notices about background work: a text for people, with the details that the notifier needs. */
import { isJsonObject, type JsonObject } from "#core/json";
import { isSlackId, isSlackTs } from "#core/message/message";

interface Notice {
  /** Identifies the outcome, so that it is posted once. */
  id: string;
  outcome: "success" | "error";
  title: string;
  /** Plain text; the notifier escapes it for Slack. */
  text: string;
  /** The workspace that it belongs to. Without it, the notice is for the operator. */
  team?: string;
  /** The Slack channel to post in, or the user to send a direct message to. Default: the configured channel. */
  channel?: string;
  user?: string;
  /** The thread to post in. */
  threadTs?: string;
  /** The accepted message that started the work. */
  messageId?: string;
  /** Whether it may contain private content. An e-mail then contains only the title. */
  private?: boolean;
  /** Facts to show on a line each, by name. */
  fields?: Record<string, string>;
  /** Block Kit instead of the usual layout; `text` is the fallback. */
  blocks?: JsonObject[];
}

/** The published message. E-mail subscribers read it as it is. */
interface Notification {
  subject: string;
  /** The text of the notice. */
  text: string;
  /** The text of an e-mail: the notice, unless it is private, and its id, because e-mail may arrive twice. */
  message: string;
  /** The notice as JSON: the message attribute `notice`. */
  details: string;
}

/** The part of an SNS notification that we read. Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
interface SnsNotification {
  messageId: string;
  topicArn: string;
  subject?: string;
  message: string;
  /** The message attribute `notice`. */
  details?: string;
}

/** SNS allows subjects of up to 100 printable ASCII characters. */
const MAX_SUBJECT_CHARACTERS = 100;
/** The text of an e-mail for a private notice. */
const IN_PRIVATE = "The details are in Slack, in the conversation where this began.";
/** The function that describes errors, in every pipeline. */
const FAILED = "[ERROR]: Task failed";

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
    // The text only begins like JSON.
    return undefined;
  }
};

const readString = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const readFields = (value: unknown): Record<string, string> | undefined =>
  isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, String(field)])) : undefined;

/** Parses a notice's details. Drops invalid Slack ids, so that the notice goes to the configured channel. */
const parseDetails = (details: JsonObject): Partial<Notice> => {
  const { team, channel, user, threadTs, blocks, outcome } = details;
  const read: Partial<Notice> = {
    id: readString(details["id"]),
    outcome: outcome === "success" || outcome === "error" ? outcome : undefined,
    title: readString(details["title"]),
    text: readString(details["text"]),
    team: isSlackId(team) ? team : undefined,
    channel: isSlackId(channel) ? channel : undefined,
    user: isSlackId(user) ? user : undefined,
    threadTs: isSlackTs(threadTs) ? threadTs : undefined,
    messageId: readString(details["messageId"]),
    fields: readFields(details["fields"]),
    blocks: Array.isArray(blocks) && blocks.every(isJsonObject) ? blocks : undefined,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
};

/** Parses a CloudWatch alarm. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html */
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

/** Parses a message of a topic: a notice (as text with details, or as JSON), a CloudWatch alarm, or any other text. */
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
