/** Events as API Gateway and SNS send them to functions. */

/** A request with a base64-encoded body, as API Gateway sends forms. */
const buildRequest = (body: string, headers: Record<string, string>) => ({
  version: "2.0",
  rawPath: "/",
  headers,
  requestContext: { http: { method: "POST" } },
  body: Buffer.from(body).toString("base64"),
  isBase64Encoded: true,
});

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** When the message was said: an hour ago, because DynamoDB deletes the counts of long ago at any moment. */
const SAID_SECONDS = Math.floor(Date.now() / 1000) - 3600;
const SAID_TS = `${SAID_SECONDS}.000200`;
const SAID_TIME = new Date(SAID_SECONDS * 1000).toISOString();
const SAID_DAY = SAID_TIME.slice(0, 10);

/** The delivery of a message. Its text is one word. */
const buildDelivery = (text: string, id: string) => ({
  Records: [
    {
      EventSource: "aws:sns",
      Sns: {
        Message: JSON.stringify({
          specversion: "1.0",
          id,
          source: "slack://T0001/webhook",
          type: "slack.message",
          subject: `C0001/${SAID_TS}`,
          time: SAID_TIME,
          data: { team: "T0001", channel: "C0001", user: "U0001", text, ts: SAID_TS, tokens: { [text]: 1 }, files: [] },
        }),
        MessageAttributes: {},
      },
    },
  ],
});

/** The delivery of an edit that makes one word of a message. */
const buildEditDelivery = (text: string) => {
  const message = { type: "message", user: "U0001", text, ts: SAID_TS, edited: { user: "U0001", ts: `${SAID_SECONDS + 60}.000000` } };
  const data = {
    type: "message",
    subtype: "message_changed",
    channel: "C0001",
    channel_type: "channel",
    message,
    event_ts: `${SAID_SECONDS + 60}.000300`,
  };
  const envelope = {
    specversion: "1.0",
    id: "an-edit",
    source: "slack://T0001/events",
    type: "slack.message_changed",
    split: "words",
    data,
  };
  return { Records: [{ EventSource: "aws:sns", Sns: { Message: JSON.stringify(envelope), MessageAttributes: {} } }] };
};

export { buildDelivery, buildEditDelivery, buildRequest, FORM, SAID_DAY };
