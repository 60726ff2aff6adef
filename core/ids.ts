/** Ids of 16 characters: made up, or the same for the same. */
import { createHash, randomBytes } from "node:crypto";

/** 96 bits: far more than there are things to tell apart, and short in an item that holds many. */
const ID_BYTES = 12;

/** Hashes parts to an id. */
const buildHash = (...parts: [string, ...string[]]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, ID_BYTES).toString("base64url");

/** Makes up an id that nobody can guess. */
const createId = (): string => randomBytes(ID_BYTES).toString("base64url");

export { buildHash, createId };
