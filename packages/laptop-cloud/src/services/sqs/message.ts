import type { MessageAttributes } from "./message-attributes";

/** A message as it lies in a queue. Times are epoch milliseconds of the cloud's clock. */
interface StoredMessage {
  /** Its place in the order of arrival; no two of a queue have the same. */
  sequence: number;
  /** The MessageId. Two entries share it where the weather made a duplicate. */
  id: string;
  body: string;
  attributes?: MessageAttributes;
  senderId: string;
  /** MessageGroupId; on a standard queue it only goes along. */
  group?: string;
  /** AWSTraceHeader. */
  traceHeader?: string;
  sentMs: number;
  /** When it came to this queue; a dead letter was sent earlier. */
  arrivedMs: number;
  /** From when on it can be received. */
  visibleMs: number;
  /** How often it was received from this queue, and from the queues that it was in before. */
  receives: number;
  receivesBefore: number;
  firstReceivedMs?: number;
  /** The latest receive; handles of earlier ones are stale. */
  receipt?: Receipt;
  /** ARN of the queue that it was moved from to this dead-letter queue. */
  deadLetterSourceArn?: string;
}

/** A message as a queue takes it in. */
type NewMessage = Omit<StoredMessage, "sequence" | "arrivedMs">;

interface Receipt {
  token: string;
  atMs: number;
}

/** What a receipt handle says. */
interface Handle {
  queue: string;
  sequence: number;
  token: string;
}

const writeHandle = ({ queue, sequence, token }: Handle) => Buffer.from(JSON.stringify([queue, sequence, token])).toString("base64");

/** Undefined for what was never a handle. */
const readHandle = (text: string): Handle | undefined => {
  try {
    const [queue, sequence, token] = JSON.parse(Buffer.from(text, "base64").toString("utf8")) as unknown[];
    if (typeof queue === "string" && typeof sequence === "number" && typeof token === "string") return { queue, sequence, token };
  } catch {
    // Not ours: answered like a handle of the wrong shape.
  }
  return undefined;
};

export type { Handle, NewMessage, StoredMessage };
export { readHandle, writeHandle };
