import type { MessageAttributes } from "./message-attributes";

/** A message in a queue. Times are epoch milliseconds of the cloud's clock. */
interface StoredMessage {
  /** Its unique number in the queue, in order of arrival. */
  sequence: number;
  /** The MessageId. A duplicate caused by the weather has the same id. */
  id: string;
  body: string;
  attributes?: MessageAttributes;
  senderId: string;
  /** MessageGroupId: the tenant, whose messages must not hold up those of others. */
  group?: string;
  /** AWSTraceHeader. */
  traceHeader?: string;
  sentMs: number;
  /** When it arrived in this queue. A dead letter was sent earlier. */
  arrivedMs: number;
  /** When it becomes visible. */
  visibleMs: number;
  /** How often it was received, from this queue and from earlier queues. */
  receives: number;
  receivesBefore: number;
  firstReceivedMs?: number;
  /** The latest receive; handles of earlier ones are stale. */
  receipt?: Receipt;
  /** ARN of the queue that it was moved from to this dead-letter queue. */
  deadLetterSourceArn?: string;
}

/** A message to add to a queue. */
type NewMessage = Omit<StoredMessage, "sequence" | "arrivedMs">;

interface Receipt {
  token: string;
  atMs: number;
}

/** The content of a receipt handle. */
interface Handle {
  queue: string;
  sequence: number;
  token: string;
}

const writeHandle = ({ queue, sequence, token }: Handle) => Buffer.from(JSON.stringify([queue, sequence, token])).toString("base64");

/** Undefined for an invalid handle. */
const readHandle = (text: string): Handle | undefined => {
  try {
    const [queue, sequence, token] = JSON.parse(Buffer.from(text, "base64").toString("utf8")) as unknown[];
    if (typeof queue === "string" && typeof sequence === "number" && typeof token === "string") return { queue, sequence, token };
  } catch {
    // Treated like a handle of the wrong form.
  }
  return undefined;
};

export type { Handle, NewMessage, StoredMessage };
export { readHandle, writeHandle };
