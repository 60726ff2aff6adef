/** The state of an installation in progress: signed, valid for ten minutes, and bound to one browser by a cookie. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { Unauthorized } from "#core/errors";

/** What a browser takes to Slack and brings back, and what it keeps. */
interface IssuedState {
  state: string;
  /** The value of the cookie. */
  browser: string;
}

interface VerifiedState {
  /** Identifies the state, so that it is used once. */
  id: string;
  expiresAtSeconds: number;
}

const STATE_SECONDS = 600;
const STATE = /^([0-9]{10,12})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;
const BROWSER = /^[A-Za-z0-9_-]{43}$/;

/** The client secret also signs requests to Slack. The prefix keeps these signatures apart. */
const sign = (secret: string, expiresAt: string, id: string, browser: string): Buffer =>
  createHmac("sha256", secret).update(`install-state:${expiresAt}:${id}:${browser}`).digest();

const issueState = (secret: string, nowMs: number): IssuedState => {
  const expiresAt = String(Math.floor(nowMs / 1000) + STATE_SECONDS);
  const id = randomBytes(16).toString("base64url");
  const browser = randomBytes(32).toString("base64url");
  return { state: `${expiresAt}.${id}.${sign(secret, expiresAt, id, browser).toString("base64url")}`, browser };
};

/** Verifies a state against the browser's cookie. Throws `Unauthorized` if either is missing, forged, foreign or too old. */
const verifyState = ({ state, browser }: IssuedState, secret: string, nowMs: number): VerifiedState => {
  const [, expiresAt, id, signature] = STATE.exec(state) ?? [];
  if (expiresAt === undefined || id === undefined || signature === undefined) throw new Unauthorized("the state is missing or malformed");
  if (!BROWSER.test(browser)) throw new Unauthorized("the browser's cookie is missing");
  if (!timingSafeEqual(Buffer.from(signature, "base64url"), sign(secret, expiresAt, id, browser)))
    throw new Unauthorized("the state was not made for this browser");
  const expiresAtSeconds = Number(expiresAt);
  if (expiresAtSeconds * 1000 < nowMs) throw new Unauthorized("the state is too old");
  return { id, expiresAtSeconds };
};

export type { VerifiedState };
export { issueState, STATE_SECONDS, verifyState };
