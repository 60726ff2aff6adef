import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";

/** Additional data that must be the same at decryption. KMS does not store it. */
type EncryptionContext = Record<string, string>;

/** What a ciphertext names: its key, and which of the key's materials encrypted it. */
interface Header {
  keyId: string;
  version: number;
}

/** A ciphertext: a format number, the key's id (16 bytes), the material's version (2), the nonce, the tag, and the encrypted bytes. */
const FORMAT = 1;
const HEADER_BYTES = 19;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const encrypt = (header: Header, material: Buffer, plaintext: Buffer, context: EncryptionContext): Buffer => {
  const head = Buffer.alloc(HEADER_BYTES);
  head[0] = FORMAT;
  head.write(header.keyId.replaceAll("-", ""), 1, "hex");
  head.writeUInt16BE(header.version, 17);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", material, nonce).setAAD(buildAad(head, context));
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), encrypted]);
};

/** Throws `AwsError` InvalidCiphertextException. */
const readHeader = (ciphertext: Buffer): Header => {
  if (ciphertext.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || ciphertext[0] !== FORMAT) throw invalidCiphertext();
  const hex = ciphertext.toString("hex", 1, 17);
  const keyId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  return { keyId, version: ciphertext.readUInt16BE(17) };
};

/** Throws `AwsError` InvalidCiphertextException, also for another encryption context. */
const decrypt = (ciphertext: Buffer, material: Buffer, context: EncryptionContext): Buffer => {
  const head = ciphertext.subarray(0, HEADER_BYTES);
  const nonce = ciphertext.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const tag = ciphertext.subarray(HEADER_BYTES + NONCE_BYTES, HEADER_BYTES + NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", material, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(buildAad(head, context)).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(HEADER_BYTES + NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
};

/** The order of a context's pairs does not matter. */
const buildAad = (head: Buffer, context: EncryptionContext): Buffer =>
  Buffer.concat([head, Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))))]);

/** AWS sends no message either. */
const invalidCiphertext = () => new AwsError("InvalidCiphertextException", "");

export type { EncryptionContext };
export { decrypt, encrypt, readHeader };
