/** API tokens: `sf_` and 40 letters or digits. Only their hashes are stored. */
import { createHash, createHmac } from "node:crypto";

/** A valid token. */
interface ApiToken {
  /** SHA-256 of the token, in hexadecimal. */
  hash: string;
  /** A short id that its owner sees. */
  id: string;
  team: string;
  /** The Slack user who asked for it, and the default owner of its claims. */
  user: string;
  createdAtMs: number;
  expiresAtMs: number;
  lastUsedAtMs?: number;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 40;
const TOKEN = /^sf_[A-Za-z0-9]{40}$/;
const ID_CHARACTERS = 8;
/** Long enough for a pipeline, short enough that forgotten tokens expire. */
const TOKEN_DAYS = 365;
const DAY_MS = 86_400_000;

/** Hashes a token for storage. It needs no slow hash, because nobody can guess its 238 bits. */
const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

/**
 * Derives the token of a request, so that a retry gets the same token without storing it. The key is the signing secret, whose holder could
 * make such requests anyway.
 */
const buildToken = (secret: string, team: string, user: string, requestId: string): string => {
  let digits = BigInt(
    `0x${createHmac("sha256", secret)
      .update(JSON.stringify(["api-token", team, user, requestId]))
      .digest("hex")}`,
  );
  let text = "";
  for (let index = 0; index < LENGTH; index += 1) {
    text += ALPHABET[Number(digits % BigInt(ALPHABET.length))];
    digits /= BigInt(ALPHABET.length);
  }
  return `sf_${text}`;
};

/** Builds the stored part of a new token. */
const describeToken = (token: string, team: string, user: string, nowMs: number): ApiToken => {
  const hash = hashToken(token);
  return { hash, id: hash.slice(0, ID_CHARACTERS), team, user, createdAtMs: nowMs, expiresAtMs: nowMs + TOKEN_DAYS * DAY_MS };
};

/** Reads the token from an `Authorization` header; undefined if there is none of our format. */
const parseBearer = (header: string | undefined): string | undefined => {
  const [, token] = /^bearer +(\S+)$/i.exec(header ?? "") ?? [];
  return token !== undefined && TOKEN.test(token) ? token : undefined;
};

export type { ApiToken };
export { buildToken, describeToken, hashToken, parseBearer };
