/** HTTP calls of the gateway, as API Gateway passes them on, with defaults that a test can override. */
import type { HttpResponse } from "#functions/door";
import type { Gateway } from "#functions/gateway";
import { TOKEN } from "./world";

interface Sent {
  method?: string;
  body?: unknown;
  headers?: Record<string, string | undefined>;
}

const LIST = { jsonrpc: "2.0", id: 1, method: "tools/list" };

/** Sends a request with a good token, unless `headers` say otherwise. */
const sendTo = async (door: Gateway, { method = "POST", body = LIST, headers = {} }: Sent = {}): Promise<HttpResponse> => {
  const given: Record<string, string | undefined> = {
    authorization: `Bearer ${TOKEN}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...headers,
  };
  const event = {
    requestContext: { http: { method } },
    headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
  return (await door.handle(event, {})) as HttpResponse;
};

export type { Sent };
export { sendTo };
