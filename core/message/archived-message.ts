/**
 * A record of the archive of messages: a notification of SNS, as a line of JSON. Where many workspaces use the stack, `Encrypted` replaces its
 * `Message`: the text under the workspace's own key (ADR 74). The time and the attributes stay readable.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { isJsonObject, type JsonObject } from "#core/json";

/** A workspace's key, unwrapped. */
interface DataKey {
  id: string;
  bytes: Uint8Array;
}

interface Encrypted {
  /** The message's id, which begins with its workspace. */
  id: string;
  /** The id of the key. */
  key: string;
  /** Nonce, ciphertext and tag, in base64. */
  text: string;
}

/** A record as SNS delivers it, and as it is archived under a key. */
type PlainRecord = JsonObject & { readonly Message: string };
type EncryptedRecord = JsonObject & { readonly Encrypted: Encrypted };

const ALGORITHM = "aes-256-gcm";
/** Random nonces are safe for 2^32 messages of one key. Source: NIST SP 800-38D, section 8.3. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Parses a record; undefined if the line is none. */
const parseRecord = (line: string): PlainRecord | EncryptedRecord | undefined => {
  const record = parse(line);
  return isPlain(record) || isEncrypted(record) ? record : undefined;
};

const parse = (text: string): JsonObject => {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
};

const isPlain = (record: JsonObject): record is PlainRecord => typeof record["Message"] === "string";

const isEncrypted = (record: JsonObject): record is EncryptedRecord => {
  const { Encrypted: value } = record;
  return isJsonObject(value) && ["id", "key", "text"].every(name => typeof value[name] === "string");
};

/** Reads the id of a record's message; undefined if the message has none. */
const readId = (record: PlainRecord | EncryptedRecord): string | undefined => {
  const { id } = isEncrypted(record) ? record.Encrypted : parse(record.Message);
  return typeof id === "string" ? id : undefined;
};

/** Encrypts the text of a record. Its id can't be changed afterwards. */
const encryptRecord = ({ Message, ...record }: PlainRecord, id: string, key: DataKey): EncryptedRecord => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.bytes, nonce).setAAD(Buffer.from(id));
  const text = Buffer.concat([nonce, cipher.update(Message, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64");
  return { ...record, Encrypted: { id, key: key.id, text } };
};

/** Throws if the key is another one, or the text or the id was changed. */
const decryptText = ({ id, text }: Encrypted, { bytes }: DataKey): string => {
  const whole = Buffer.from(text, "base64");
  const decipher = createDecipheriv(ALGORITHM, bytes, whole.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(id))
    .setAuthTag(whole.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(whole.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString();
};

export type { DataKey, Encrypted };
export { decryptText, encryptRecord, isPlain, parseRecord, readId };
