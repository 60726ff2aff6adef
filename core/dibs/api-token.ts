/** Tokens of the API: `sf_` and 40 letters or digits. Only their hashes are stored. */
import { createHash, createHmac } from "node:crypto";

/** What is known of a token that is good. */
interface ApiToken {
  /** SHA-256 of the token, in hexadecimal. */
  hash: string;
  /** A few characters by which its owner tells it from others. */
  id: string;
  team: string;
  /** The Slack user who asked for it; claims are made in this name unless they say another. */
  user: string;
  createdAtMs: number;
  expiresAtMs: number;
  lastUsedAtMs?: number;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 40;
const TOKEN = /^sf_[A-Za-z0-9]{40}$/;
const ID_CHARACTERS = 8;
/** Long enough to be left alone in a pipeline, short enough that forgotten ones end. */
const TOKEN_DAYS = 365;
const DAY_MS = 86_400_000;

/** Hashes a token for storage. A slow hash is for secrets that can be guessed; this one has 238 bits. */
const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

/**
 * Builds the token that belongs to a request: the same request gets the same one, without its being stored anywhere. Whoever has the
 * signing secret could make such requests anyway.
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

/** Builds what is stored of a new token. */
const describeToken = (token: string, team: string, user: string, nowMs: number): ApiToken => {
  const hash = hashToken(token);
  return { hash, id: hash.slice(0, ID_CHARACTERS), team, user, createdAtMs: nowMs, expiresAtMs: nowMs + TOKEN_DAYS * DAY_MS };
};

/** Reads the token of an `Authorization` header; undefined when there is none that could be ours. */
const parseBearer = (header: string | undefined): string | undefined => {
  const [, token] = /^bearer +(\S+)$/i.exec(header ?? "") ?? [];
  return token !== undefined && TOKEN.test(token) ? token : undefined;
};

export type { ApiToken };
export { buildToken, describeToken, hashToken, parseBearer };
