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
          subject: "C0001/1763805600.000200",
          time: "2025-11-22T10:00:00.000Z",
          data: { team: "T0001", channel: "C0001", user: "U0001", text, ts: "1763805600.000200", tokens: { [text]: 1 }, files: [] },
        }),
        MessageAttributes: {},
      },
    },
  ],
});

export { buildDelivery, buildRequest, FORM };
