/** Slack's older proof of origin, a token in the body, and how secrets are written in the environment. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Unauthorized } from "#core/errors";

/** Parses a secret setting: one value, or two with a comma between them while one is rotated. Nothing configured is an empty list. */
const parseSecrets = (setting: string | undefined): string[] =>
  (setting ?? "")
    .split(",")
    .map(secret => secret.trim())
    .filter(secret => secret !== "");

// Hashing first gives the comparison equal lengths, so that it takes the same time for any token.
const digest = (token: string): Buffer => createHash("sha256").update(token).digest();

/** Verifies a token in constant time. Throws `Unauthorized` when none is configured, or it is not one of those accepted. */
const verifyToken = (token: unknown, accepted: readonly string[]): void => {
  if (accepted.length === 0) throw new Unauthorized("no verification token is configured");
  if (typeof token !== "string") throw new Unauthorized("the verification token is missing");
  const given = digest(token);
  if (!accepted.map(secret => timingSafeEqual(given, digest(secret))).includes(true)) {
    throw new Unauthorized("the verification token does not match");
  }
};

export { parseSecrets, verifyToken };
