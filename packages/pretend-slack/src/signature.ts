import { createHmac } from "node:crypto";

/** Signs a body as Slack does. Source: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const buildSignatureHeaders = (secret: string, timestampSeconds: number, body: string): Record<string, string> => ({
  "x-slack-request-timestamp": String(timestampSeconds),
  "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${timestampSeconds}:${body}`).digest("hex")}`,
});

export { buildSignatureHeaders };
