/** Ids of 16 characters: random, or hashed from parts. */
import { createHash, randomBytes } from "node:crypto";

/** 96 bits: enough to avoid collisions, and short enough for an item that holds many ids. */
const ID_BYTES = 12;

/** Hashes parts to an id. */
const buildHash = (...parts: [string, ...string[]]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, ID_BYTES).toString("base64url");

/** Creates a random id that nobody can guess. */
const createId = (): string => randomBytes(ID_BYTES).toString("base64url");

export { buildHash, createId };
