/** The events that SNS sends to a subscriber, and a handler for all their records. */
import type { Log } from "#core/log";
import { type Envelope, parseEnvelope } from "#core/message/message";
import { metrics } from "#core/metrics";
import { runSideBySide } from "#core/side-by-side";

/** The message attributes, as Lambda gets them. */
type Attributes = Record<string, { Value: string } | undefined>;

/** The part of an SNS event that subscribers read. */
interface SnsEvent {
  Records: { Sns: { Message: string; MessageAttributes?: Attributes } }[];
}

type Subscriber = (event: SnsEvent) => Promise<void>;

/** SNS currently sends one record at a time, but its format allows more. */
const MAX_RECORDS_AT_ONCE = 10;

/** Creates a subscriber that handles every record, then throws the failures, so that Lambda retries and finally dead-letters the event. */
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
    await runSideBySide(event.Records, MAX_RECORDS_AT_ONCE, ({ Sns }) =>
      metrics.measure(async () => {
        let id: string | undefined;
        try {
          const envelope = parse(Sns.Message);
          id = envelope.id;
          metrics.concern(id);
          await handle(envelope, Sns.MessageAttributes ?? {});
          reportEffect(envelope, Sns.MessageAttributes);
          log.debug("handled", { id });
        } catch (error) {
          log.error("not handled", error, { id });
          throw error;
        }
      }),
    );
  };

/** A replayed message is late on purpose. */
const reportEffect = ({ time }: { time?: string }, attributes: Attributes = {}): void => {
  metrics.add("Effects", 1);
  if (time !== undefined && attributes["replayTo"] === undefined) metrics.add("LagMs", Math.max(0, Date.now() - Date.parse(time)));
};

export type { Attributes, SnsEvent, Subscriber };
export { createEventSubscriber, createSubscriber };
