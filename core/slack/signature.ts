/** Slack's request signature, version 0. Source: https://docs.slack.dev/authentication/verifying-requests-from-slack */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Unauthorized } from "#core/errors";

interface SignedRequest {
  /** The header `X-Slack-Request-Timestamp`. */
  timestamp: string | undefined;
  /** The header `X-Slack-Signature`. */
  signature: string | undefined;
  /** The raw bytes of the body. */
  rawBody: Buffer;
}

/** Slack recommends refusing requests older than five minutes. We refuse timestamps in the future too. */
const MAX_SKEW_SECONDS = 300;
// No sign, exponent, other base or leading zero. Twelve digits suffice for 30,000 years.
const TIMESTAMP = /^[1-9][0-9]{0,11}$/;
const SIGNATURE = /^v0=[0-9a-f]{64}$/;

/** Builds the signature of a body, as Slack does. */
const buildSignature = (secret: string, timestamp: string, rawBody: Buffer): string =>
  `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(rawBody).digest("hex")}`;

/**
 * Verifies a request against the valid secrets (two during rotation). Throws `Unauthorized` if no secret is configured, or if the timestamp or
 * the signature is missing, malformed, more than 300 s off, or wrong.
 */
const verifySignature = (request: SignedRequest, secrets: readonly string[], nowMs = Date.now()): void => {
  const { timestamp, signature, rawBody } = request;
  if (secrets.length === 0) throw new Unauthorized("no signing secret is configured");
  if (timestamp === undefined || !TIMESTAMP.test(timestamp)) throw new Unauthorized("the timestamp is missing or malformed");
  if (signature === undefined || !SIGNATURE.test(signature)) throw new Unauthorized("the signature is missing or malformed");
  const skewSeconds = Math.floor(nowMs / 1000) - Number(timestamp);
  if (Math.abs(skewSeconds) > MAX_SKEW_SECONDS) throw new Unauthorized(`the timestamp is ${skewSeconds} s off`);
  const given = Buffer.from(signature);
  // Try every secret, so that the duration does not reveal which one is in use.
  const matches = secrets.map(secret => timingSafeEqual(given, Buffer.from(buildSignature(secret, timestamp, rawBody))));
  if (!matches.includes(true)) throw new Unauthorized("the signature does not match");
};

/** Tells whether a request's signature is valid. */
const isValidSignature = (request: SignedRequest, secrets: readonly string[], nowMs = Date.now()): boolean => {
  try {
    verifySignature(request, secrets, nowMs);
    return true;
  } catch (error) {
    if (error instanceof Unauthorized) return false;
    throw error;
  }
};

export type { SignedRequest };
export { buildSignature, isValidSignature, verifySignature };
