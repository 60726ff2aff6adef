/** Writes one structured log line per message. A repeated delivery writes it again, with the same id. */
import { createLog, type Log } from "#core/log";
import { doorOf, type Envelope, isPrivate } from "#core/message/message";
import { type Attributes, createSubscriber, type Subscriber } from "#subscribers/records";

interface LoggerSettings {
  /** Whether to log the text, which people may not expect. Private text is never logged. */
  logText: boolean;
}

class Logger {
  constructor(
    private readonly log: Pick<Log, "info">,
    private readonly settings: LoggerSettings,
  ) {}

  async handle(envelope: Envelope, attributes: Attributes): Promise<void> {
    const { id, time, data } = envelope;
    this.log.info("message", {
      id,
      time,
      door: doorOf(envelope),
      team: data.team,
      channel: data.channel,
      user: data.user,
      // The number of different tokens. A large envelope omits them.
      tokens: data.tokens === undefined ? null : Object.keys(data.tokens).length,
      files: data.files.length,
      mentionsBot: attributes["mentionsBot"]?.Value === "true",
      private: isPrivate(envelope),
      ...(this.settings.logText && !isPrivate(envelope) ? { text: data.text } : {}),
    });
  }
}

const create = (settings: LoggerSettings): Subscriber => {
  const log = createLog("logger");
  const logger = new Logger(log, settings);
  return createSubscriber(log, (envelope, attributes) => logger.handle(envelope, attributes));
};

export type { LoggerSettings };
export { create, Logger };
