import { randomBytes, randomUUID } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import {
  DEFAULT_ROTATION_DAYS,
  DEFAULT_WINDOW_DAYS,
  defaultPolicy,
  type Key,
  MAX_ROTATION_DAYS,
  MIN_ROTATION_DAYS,
  MIN_WINDOW_DAYS,
} from "../key";
import { refusePending, requireUsable, stateOf } from "../key-state";
import type { Keys } from "../store";
import { type Paging, pageOf } from "./page";
import { parseKeyPolicy } from "./policies";
import { parseTags, type Tag } from "./tags";

interface OfKey {
  KeyId: string;
}

const DAY_MS = 86_400_000;

interface CreateInput {
  Description?: string;
  Policy?: string;
  Tags?: Tag[];
  KeySpec?: string;
  KeyUsage?: string;
}

/** Behaves as CreateKey; differs: symmetric keys for encryption only. */
const createKey: OperationOf<Keys> = async (
  keys,
  { KeySpec = "SYMMETRIC_DEFAULT", KeyUsage = "ENCRYPT_DECRYPT", ...input }: CreateInput,
  call,
) => {
  refuseUnknownParameters(call, input, ["Description", "Policy", "Tags"]);
  call.authorize("kms:CreateKey", "*");
  if (KeySpec !== "SYMMETRIC_DEFAULT" || KeyUsage !== "ENCRYPT_DECRYPT")
    throw new AwsError(
      "UnsupportedOperationException",
      `KeySpec is ${JSON.stringify(KeySpec)} and KeyUsage ${JSON.stringify(KeyUsage)}, but the laptop cloud imitates SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT only.`,
    );
  const { Description: description = "", Policy, Tags = [] } = input;
  const policy = Policy === undefined ? defaultPolicy(keys.cloud.place) : parseKeyPolicy(Policy);
  const key = await keys.put(randomUUID(), { description, policy, tags: parseTags(Tags) });
  return { KeyMetadata: describe(keys, key) };
};

const describeKey: OperationOf<Keys> = async (keys, input: OfKey, call) => {
  refuseUnknownParameters(call, input, ["KeyId"]);
  return { KeyMetadata: describe(keys, keys.open(call, input.KeyId, { aliases: true })) };
};

/** Behaves as ListKeys; differs: keys are sorted by id. */
const listKeys: OperationOf<Keys> = async (keys, input: Paging, call) => {
  refuseUnknownParameters(call, input, ["Limit", "Marker"]);
  call.authorize("kms:ListKeys", "*");
  const { items, more } = pageOf(keys.all(), ({ id }) => id, input);
  return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...more };
};

const updateKeyDescription: OperationOf<Keys> = async (keys, input: OfKey & { Description: string }, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "Description"]);
  const key = keys.open(call, input.KeyId);
  refusePending(key);
  await keys.change(key, { description: input.Description });
  return {};
};

const setEnabled =
  (isEnabled: boolean): OperationOf<Keys> =>
  async (keys, input: OfKey, call) => {
    refuseUnknownParameters(call, input, ["KeyId"]);
    const key = keys.open(call, input.KeyId);
    refusePending(key);
    await keys.change(key, { isEnabled });
    return {};
  };

const enableKey = setEnabled(true);

const disableKey = setEnabled(false);

const scheduleKeyDeletion: OperationOf<Keys> = async (keys, input: OfKey & { PendingWindowInDays?: number }, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "PendingWindowInDays"]);
  const key = keys.open(call, input.KeyId);
  refusePending(key);
  const days = input.PendingWindowInDays ?? DEFAULT_WINDOW_DAYS;
  refuseDays("PendingWindowInDays", days, MIN_WINDOW_DAYS, DEFAULT_WINDOW_DAYS);
  const deletionMs = keys.cloud.clock.nowMs() + days * DAY_MS;
  await keys.change(key, { deletionMs });
  return { KeyId: key.arn, DeletionDate: deletionMs / 1000, KeyState: "PendingDeletion", PendingWindowInDays: days };
};

/** Behaves as CancelKeyDeletion: the key is then disabled. */
const cancelKeyDeletion: OperationOf<Keys> = async (keys, input: OfKey, call) => {
  refuseUnknownParameters(call, input, ["KeyId"]);
  const key = keys.open(call, input.KeyId);
  if (key.deletionMs === undefined) throw new AwsError("KMSInvalidStateException", `${key.arn} is not pending deletion.`);
  await keys.change(key, { deletionMs: undefined, isEnabled: false });
  return { KeyId: key.arn };
};

/** Behaves as EnableKeyRotation; differs: only RotateKeyOnDemand gives a key new material. */
const enableKeyRotation: OperationOf<Keys> = async (keys, input: OfKey & { RotationPeriodInDays?: number }, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "RotationPeriodInDays"]);
  const key = keys.open(call, input.KeyId);
  requireUsable(key);
  const days = input.RotationPeriodInDays ?? key.rotationDays ?? DEFAULT_ROTATION_DAYS;
  refuseDays("RotationPeriodInDays", days, MIN_ROTATION_DAYS, MAX_ROTATION_DAYS);
  await keys.change(key, { rotationDays: days });
  return {};
};

const disableKeyRotation: OperationOf<Keys> = async (keys, input: OfKey, call) => {
  refuseUnknownParameters(call, input, ["KeyId"]);
  const key = keys.open(call, input.KeyId);
  requireUsable(key);
  await keys.change(key, { rotationDays: undefined });
  return {};
};

const getKeyRotationStatus: OperationOf<Keys> = async (keys, input: OfKey, call) => {
  refuseUnknownParameters(call, input, ["KeyId"]);
  const { arn, rotationDays } = keys.open(call, input.KeyId);
  return { KeyId: arn, KeyRotationEnabled: rotationDays !== undefined, RotationPeriodInDays: rotationDays };
};

/** Behaves as RotateKeyOnDemand: what the earlier material encrypted can still be decrypted. */
const rotateKeyOnDemand: OperationOf<Keys> = async (keys, input: OfKey, call) => {
  refuseUnknownParameters(call, input, ["KeyId"]);
  const key = keys.open(call, input.KeyId);
  requireUsable(key);
  await keys.change(key, { material: [...key.material, randomBytes(32).toString("base64")] });
  return { KeyId: key.arn };
};

const refuseDays = (name: string, days: number, least: number, most: number) => {
  if (!(days >= least && days <= most)) throw new AwsError("ValidationException", `${name} is ${days}, but must be ${least} to ${most}.`);
};

const describe = ({ cloud }: Keys, key: Key) => ({
  AWSAccountId: cloud.place.account,
  KeyId: key.id,
  Arn: key.arn,
  Description: key.description,
  CreationDate: key.createdMs / 1000,
  Enabled: stateOf(key) === "Enabled",
  KeyState: stateOf(key),
  ...(key.deletionMs === undefined ? {} : { DeletionDate: key.deletionMs / 1000 }),
  KeyUsage: "ENCRYPT_DECRYPT",
  KeySpec: "SYMMETRIC_DEFAULT",
  CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
  EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
  Origin: "AWS_KMS",
  KeyManager: "CUSTOMER",
  MultiRegion: false,
});

export type { OfKey };
export {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKey,
  disableKeyRotation,
  enableKey,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeys,
  rotateKeyOnDemand,
  scheduleKeyDeletion,
  updateKeyDescription,
};
