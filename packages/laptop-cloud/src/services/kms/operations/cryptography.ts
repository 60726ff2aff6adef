import { randomBytes } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { decrypt as decipher, type EncryptionContext, encrypt as encipher, readHeader } from "../cipher";
import { type Key, keyArn } from "../key";
import { requireUsable } from "../key-state";
import type { Keys } from "../store";

/** Encrypt, KMS API reference. */
const MAX_PLAINTEXT_BYTES = 4096;
const MAX_CIPHERTEXT_BYTES = 6144;
/** GenerateDataKey and GenerateRandom, KMS API reference. */
const MAX_RANDOM_BYTES = 1024;

const ALGORITHM = "SYMMETRIC_DEFAULT";

interface EncryptInput {
  KeyId: string;
  /** Base64. */
  Plaintext: string;
  EncryptionContext?: EncryptionContext;
  EncryptionAlgorithm?: string;
}

const encrypt: OperationOf<Keys> = async (keys, input: EncryptInput, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "Plaintext", "EncryptionContext", "EncryptionAlgorithm"]);
  refuseAlgorithm(input.EncryptionAlgorithm);
  const key = openToUse(keys, call, input.KeyId, input.EncryptionContext);
  const plaintext = parseBytes("Plaintext", input.Plaintext, MAX_PLAINTEXT_BYTES);
  return { CiphertextBlob: seal(key, plaintext, input.EncryptionContext), KeyId: key.arn, EncryptionAlgorithm: ALGORITHM };
};

interface DecryptInput {
  /** Base64. */
  CiphertextBlob: string;
  KeyId?: string;
  EncryptionContext?: EncryptionContext;
  EncryptionAlgorithm?: string;
}

const decrypt: OperationOf<Keys> = async (keys, input: DecryptInput, call) => {
  refuseUnknownParameters(call, input, ["CiphertextBlob", "KeyId", "EncryptionContext", "EncryptionAlgorithm"]);
  refuseAlgorithm(input.EncryptionAlgorithm);
  const { key, plaintext } = unseal(keys, call, input);
  return { KeyId: key.arn, Plaintext: plaintext.toString("base64"), EncryptionAlgorithm: ALGORITHM };
};

interface ReEncryptInput {
  CiphertextBlob: string;
  SourceKeyId?: string;
  SourceEncryptionContext?: EncryptionContext;
  DestinationKeyId: string;
  DestinationEncryptionContext?: EncryptionContext;
}

const reEncrypt: OperationOf<Keys> = async (keys, input: ReEncryptInput, call) => {
  const known = ["CiphertextBlob", "SourceKeyId", "SourceEncryptionContext", "DestinationKeyId", "DestinationEncryptionContext"];
  refuseUnknownParameters(call, input, known);
  const { CiphertextBlob, SourceKeyId, SourceEncryptionContext, DestinationEncryptionContext } = input;
  const source = { CiphertextBlob, KeyId: SourceKeyId, EncryptionContext: SourceEncryptionContext };
  const { key, plaintext } = unseal(keys, call, source, "ReEncryptFrom");
  const to = openToUse(keys, call, input.DestinationKeyId, DestinationEncryptionContext, "ReEncryptTo");
  return {
    CiphertextBlob: seal(to, plaintext, DestinationEncryptionContext),
    KeyId: to.arn,
    SourceKeyId: key.arn,
    SourceEncryptionAlgorithm: ALGORITHM,
    DestinationEncryptionAlgorithm: ALGORITHM,
  };
};

interface DataKeyInput {
  KeyId: string;
  KeySpec?: string;
  NumberOfBytes?: number;
  EncryptionContext?: EncryptionContext;
}

const generateDataKey: OperationOf<Keys> = async (keys, input: DataKeyInput, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "KeySpec", "NumberOfBytes", "EncryptionContext"]);
  const key = openToUse(keys, call, input.KeyId, input.EncryptionContext);
  const plaintext = randomBytes(sizeOf(input));
  return {
    CiphertextBlob: seal(key, plaintext, input.EncryptionContext),
    KeyId: key.arn,
    Plaintext: plaintext.toString("base64"),
  };
};

const generateDataKeyWithoutPlaintext: OperationOf<Keys> = async (keys, input: DataKeyInput, call) => ({
  ...(await generateDataKey(keys, input, call)),
  Plaintext: undefined,
});

const KEY_BYTES: Record<string, number> = { AES_128: 16, AES_256: 32 };

const sizeOf = ({ KeySpec, NumberOfBytes }: DataKeyInput): number => {
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) throw validation("Please specify either number of bytes or key spec.");
  const size = KeySpec === undefined ? NumberOfBytes! : KEY_BYTES[KeySpec];
  if (size === undefined) throw validation(`KeySpec is ${JSON.stringify(KeySpec)}, but must be ${Object.keys(KEY_BYTES).join(" or ")}.`);
  return checkSize(size);
};

const generateRandom: OperationOf<unknown> = async (_keys, input: { NumberOfBytes?: number }, call) => {
  refuseUnknownParameters(call, input, ["NumberOfBytes"]);
  call.authorize("kms:GenerateRandom", "*");
  return { Plaintext: randomBytes(checkSize(input.NumberOfBytes)).toString("base64") };
};

const checkSize = (size: unknown): number => {
  if (Number.isInteger(size) && Number(size) >= 1 && Number(size) <= MAX_RANDOM_BYTES) return Number(size);
  throw validation(`NumberOfBytes is ${JSON.stringify(size)}, but must be 1 to ${MAX_RANDOM_BYTES}.`);
};

const openToUse = (keys: Keys, call: Call, name: string, context: EncryptionContext | undefined, operation = call.operation): Key => {
  const key = keys.open(call, name, { operation, aliases: true, context: conditionsOf(context) });
  requireUsable(key);
  return key;
};

/** Condition keys for AWS KMS: policies can demand an encryption context. */
const conditionsOf = (context: EncryptionContext = {}): Record<string, string | string[]> => ({
  "kms:EncryptionAlgorithm": ALGORITHM,
  ...(Object.keys(context).length === 0 ? {} : { "kms:EncryptionContextKeys": Object.keys(context) }),
  ...Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
});

/** In base64. The last material is the current one. */
const seal = ({ id, material }: Key, plaintext: Buffer, context: EncryptionContext = {}): string => {
  const version = material.length - 1;
  return encipher({ keyId: id, version }, Buffer.from(material[version]!, "base64"), plaintext, context).toString("base64");
};

/** Throws `AwsError` IncorrectKeyException if a key is named, and another one has encrypted the text. */
const unseal = (keys: Keys, call: Call, { CiphertextBlob, KeyId, EncryptionContext }: DecryptInput, operation = call.operation) => {
  const ciphertext = parseBytes("CiphertextBlob", CiphertextBlob, MAX_CIPHERTEXT_BYTES);
  const { keyId, version } = readHeader(ciphertext);
  const key = openToUse(keys, call, KeyId ?? keyArn(keyId, keys.cloud.place), EncryptionContext, operation);
  if (key.id !== keyId)
    throw new AwsError("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
  const material = key.material[version];
  if (material === undefined) throw new AwsError("InvalidCiphertextException", "");
  return { key, plaintext: decipher(ciphertext, Buffer.from(material, "base64"), EncryptionContext ?? {}) };
};

const parseBytes = (name: string, base64: unknown, most: number): Buffer => {
  const bytes = Buffer.from(String(base64 ?? ""), "base64");
  if (bytes.length >= 1 && bytes.length <= most) return bytes;
  throw validation(`${name} has ${bytes.length} bytes, but must have 1 to ${most}.`);
};

const refuseAlgorithm = (algorithm: string | undefined) => {
  if (algorithm !== undefined && algorithm !== ALGORITHM)
    throw validation(`EncryptionAlgorithm is ${JSON.stringify(algorithm)}, but must be ${ALGORITHM}.`);
};

const validation = (message: string) => new AwsError("ValidationException", message);

export { decrypt, encrypt, generateDataKey, generateDataKeyWithoutPlaintext, generateRandom, reEncrypt };
