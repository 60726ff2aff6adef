/** The events that a subscriber gets, from SNS or from the queue in front of it, and a handler for all their records. */
import type { Log } from "#core/log";
import { type Envelope, parseEnvelope } from "#core/message/message";
import { metrics } from "#core/metrics";
import { runSideBySide } from "#core/side-by-side";

/** The message attributes, as Lambda gets them from SNS. */
type Attributes = Record<string, { Value: string } | undefined>;

/** The part of a notification that subscribers read. */
interface SnsRecord {
  Sns: { Message: string; MessageAttributes?: Attributes };
}

/** The part of a queued message that subscribers read. SNS puts it into the queue as published. */
interface SqsRecord {
  messageId: string;
  body: string;
  messageAttributes?: Record<string, { stringValue?: string | undefined } | undefined>;
}

interface SubscriberEvent {
  Records: (SnsRecord | SqsRecord)[];
}

/** The messages that the queue has to deliver again. */
interface BatchAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** Returns nothing if every record is handled. */
type Subscriber = (event: SubscriberEvent) => Promise<BatchAnswer | undefined>;

/** As many as a batch of the queue has. SNS sends one at a time, but its format allows more. */
const MAX_RECORDS_AT_ONCE = 10;

/**
 * Creates a subscriber that handles every record, and then reports the failures. A failed notification throws, so that Lambda retries the event and
 * finally sends it to the dead-letter queue. Failed messages of a queue are named in the result, so that the queue does the same.
 */
const createSubscriber = (log: Log, handle: (envelope: Envelope, attributes: Attributes) => Promise<void>): Subscriber =>
  createEventSubscriber(log, parseEnvelope, handle);

/** The same for subscribers whose filter asks for other types of events, which `parse` reads. */
const createEventSubscriber =
  <E extends { id: string; time?: string }>(
    log: Log,
    parse: (json: string) => E,
    handle: (envelope: E, attributes: Attributes) => Promise<void>,
  ): Subscriber =>
  async event => {
    const batchItemFailures: BatchAnswer["batchItemFailures"] = [];
    await runSideBySide(event.Records, MAX_RECORDS_AT_ONCE, record =>
      metrics.measure(async () => {
        let id: string | undefined;
        try {
          const { message, attributes } = readRecord(record);
          const envelope = parse(message);
          id = envelope.id;
          metrics.concern(id);
          await handle(envelope, attributes);
          reportEffect(envelope, attributes);
          log.debug("handled", { id });
        } catch (error) {
          log.error("not handled", error, { id });
          if ("Sns" in record) throw error;
          batchItemFailures.push({ itemIdentifier: record.messageId });
        }
      }),
    );
    return batchItemFailures.length === 0 ? undefined : { batchItemFailures };
  };

const readRecord = (record: SnsRecord | SqsRecord): { message: string; attributes: Attributes } => {
  if ("Sns" in record) return { message: record.Sns.Message, attributes: record.Sns.MessageAttributes ?? {} };
  const attributes = Object.entries(record.messageAttributes ?? {}).map(([name, value]) => [name, { Value: value?.stringValue ?? "" }]);
  return { message: record.body, attributes: Object.fromEntries(attributes) as Attributes };
};

/** A replayed message is late on purpose. */
const reportEffect = ({ time }: { time?: string }, attributes: Attributes): void => {
  metrics.add("Effects", 1);
  if (time !== undefined && attributes["replayTo"] === undefined) metrics.add("LagMs", Math.max(0, Date.now() - Date.parse(time)));
};

export type { Attributes, Subscriber };
export { createEventSubscriber, createSubscriber };
