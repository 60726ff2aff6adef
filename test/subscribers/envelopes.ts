/** Messages as SNS brings them; one default, and overrides. */
import { buildMessage, type Envelope, type MessageInput, parseEnvelope } from "#core/message/message";

const buildEnvelope = (over: Partial<MessageInput> = {}): Envelope =>
  parseEnvelope(
    buildMessage({
      door: "webhook",
      team: "T0001",
      channel: "C0001",
      user: "U0001",
      text: "tea tea milk",
      ts: "1763805600.000200",
      files: [],
      private: false,
      mentionsBot: false,
      tokens: [
        ["tea", 2],
        ["milk", 1],
      ],
      ...over,
    }).envelope,
  );

export { buildEnvelope };
