/** Logs who said each message, without its text. */
import { createLog, type Log } from "#core/log";
import type { Envelope } from "#core/message/message";
import { createSubscriber, type Subscriber } from "#subscribers/records";

class SampleName {
  constructor(private readonly log: Pick<Log, "info">) {}

  /** A message may come more than once, so the effect must be idempotent. When this throws, the message comes again. */
  async handle({ id, data }: Envelope): Promise<void> {
    this.log.info("heard", { id, user: data.user });
  }
}

/** Creates the subscriber. */
const create = (): Subscriber => {
  const log = createLog("sample-name");
  const subscriber = new SampleName(log);
  return createSubscriber(log, envelope => subscriber.handle(envelope));
};

export { create, SampleName };
