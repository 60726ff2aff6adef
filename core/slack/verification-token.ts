/** Slack's older verification token, sent in the body, and the format of secrets in the environment. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Unauthorized } from "#core/errors";

/** Parses a secret setting: one value, or two separated by a comma during rotation. Returns an empty list if nothing is configured. */
const parseSecrets = (setting: string | undefined): string[] =>
  (setting ?? "")
    .split(",")
    .map(secret => secret.trim())
    .filter(secret => secret !== "");

// Hash first: equal lengths make the comparison take the same time for any token.
const digest = (token: string): Buffer => createHash("sha256").update(token).digest();

/** Verifies a token in constant time. Throws `Unauthorized` if it is not one of the configured tokens, or none is configured. */
const verifyToken = (token: unknown, accepted: readonly string[]): void => {
  if (accepted.length === 0) throw new Unauthorized("no verification token is configured");
  if (typeof token !== "string") throw new Unauthorized("the verification token is missing");
  const given = digest(token);
  if (!accepted.map(secret => timingSafeEqual(given, digest(secret))).includes(true)) {
    throw new Unauthorized("the verification token does not match");
  }
};

export { parseSecrets, verifyToken };
