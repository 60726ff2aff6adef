/** Slack's requests in API Gateway's format, with defaults that a test can override. */
import { buildSignature } from "#core/slack/signature";
import type { HttpRequest, HttpResponse } from "#functions/door";

const SECRET = "signing-secret";
const TOKEN = "XXYYZZ";
const NOW_MS = 1_763_805_600_000;

type Fields = Record<string, string | undefined>;

const encodeForm = (fields: Fields): string => {
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) form.set(key, value);
  return form.toString();
};

const buildFormRequest = (body: string, over: Partial<HttpRequest> = {}): HttpRequest => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: Buffer.from(body).toString("base64"),
  isBase64Encoded: true,
  ...over,
});

/** An outgoing webhook's fields; undefined leaves one out. */
const buildWebhookForm = (over: Fields = {}): string =>
  encodeForm({
    token: TOKEN,
    team_id: "T0001",
    team_domain: "example",
    service_id: "1",
    channel_id: "C0001",
    channel_name: "general",
    timestamp: "1763805600.000200",
    user_id: "U0001",
    user_name: "ann",
    text: "awsadvent some words",
    trigger_word: "awsadvent",
    ...over,
  });

const buildWebhookRequest = (over: Fields = {}): HttpRequest => buildFormRequest(buildWebhookForm(over));

interface Signing {
  secret?: string;
  timestamp?: string;
  headers?: HttpRequest["headers"];
}

const sign = (
  body: string,
  contentType: string,
  { secret = SECRET, timestamp = String(NOW_MS / 1000), headers = {} }: Signing = {},
): HttpRequest => ({
  headers: {
    "content-type": contentType,
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": buildSignature(secret, timestamp, Buffer.from(body)),
    ...headers,
  },
  body,
});

const buildEventBody = (event: object = {}, over: object = {}): object => ({
  token: TOKEN,
  team_id: "T0001",
  context_team_id: "T0001",
  api_app_id: "A0001",
  type: "event_callback",
  event_id: "Ev0001",
  event_time: 1_763_805_600,
  authorizations: [{ team_id: "T0001", user_id: "UBOT01", is_bot: true }],
  event: {
    type: "message",
    channel: "C0001",
    channel_type: "channel",
    user: "U0001",
    text: "lunch #receipt",
    ts: "1763805600.000200",
    event_ts: "1763805600.000200",
    ...event,
  },
  ...over,
});

/** A signed event request; a string is sent as it is. */
const buildEventRequest = (body: object | string = buildEventBody(), signing?: Signing): HttpRequest =>
  sign(typeof body === "string" ? body : JSON.stringify(body), "application/json", signing);

const buildCommandRequest = (over: Fields = {}, signing?: Signing): HttpRequest =>
  sign(
    encodeForm({
      token: TOKEN,
      team_id: "T0001",
      channel_id: "C0001",
      user_id: "U0001",
      command: "/words",
      text: "",
      api_app_id: "A0001",
      ...over,
    }),
    "application/x-www-form-urlencoded",
    signing,
  );

const parseAnswer = ({ body }: HttpResponse): unknown => (body === "" ? undefined : JSON.parse(body));

export {
  buildCommandRequest,
  buildEventBody,
  buildEventRequest,
  buildFormRequest,
  buildWebhookForm,
  buildWebhookRequest,
  NOW_MS,
  parseAnswer,
  SECRET,
  sign,
  TOKEN,
};
