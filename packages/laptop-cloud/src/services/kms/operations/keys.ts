import { randomBytes, randomUUID } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Operation } from "../../../kernel/service";
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
import { parseKeyPolicy } from "./policies";
import { parseTags, type Tag } from "./tags";

interface OfKey {
  KeyId: string;
}

/** The parameters of ListKeys and its kin. */
interface Paging {
  Limit?: number;
  Marker?: string;
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
const createKey =
  (keys: Keys): Operation =>
  async ({ KeySpec = "SYMMETRIC_DEFAULT", KeyUsage = "ENCRYPT_DECRYPT", ...input }: CreateInput, call) => {
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

/** Behaves as DescribeKey. */
const describeKey =
  (keys: Keys): Operation =>
  async (input: OfKey, call) => {
    refuseUnknownParameters(call, input, ["KeyId"]);
    return { KeyMetadata: describe(keys, keys.open(call, input.KeyId, { aliases: true })) };
  };

/** Behaves as ListKeys; differs: keys are sorted by id. */
const listKeys =
  (keys: Keys): Operation =>
  async (input: Paging, call) => {
    refuseUnknownParameters(call, input, ["Limit", "Marker"]);
    call.authorize("kms:ListKeys", "*");
    const { items, more } = pageOf(keys.all(), ({ id }) => id, input);
    return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...more };
  };

/** KMS's names for the parts of a page. */
const pageOf = <T>(all: T[], keyOf: (item: T) => string, { Limit, Marker }: Paging) => {
  const { page, NextToken } = paginate(all, keyOf, { MaxResults: Limit, NextToken: Marker });
  return { items: page, more: { Truncated: NextToken !== undefined, ...(NextToken === undefined ? {} : { NextMarker: NextToken }) } };
};

/** Behaves as UpdateKeyDescription. */
const updateKeyDescription =
  (keys: Keys): Operation =>
  async (input: OfKey & { Description: string }, call) => {
    refuseUnknownParameters(call, input, ["KeyId", "Description"]);
    const key = keys.open(call, input.KeyId);
    refusePending(key);
    await keys.change(key, { description: input.Description });
    return {};
  };

/** Behaves as EnableKey, or as DisableKey. */
const setEnabled =
  (keys: Keys, isEnabled: boolean): Operation =>
  async (input: OfKey, call) => {
    refuseUnknownParameters(call, input, ["KeyId"]);
    const key = keys.open(call, input.KeyId);
    refusePending(key);
    await keys.change(key, { isEnabled });
    return {};
  };

/** Behaves as ScheduleKeyDeletion. */
const scheduleKeyDeletion =
  (keys: Keys): Operation =>
  async (input: OfKey & { PendingWindowInDays?: number }, call) => {
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
const cancelKeyDeletion =
  (keys: Keys): Operation =>
  async (input: OfKey, call) => {
    refuseUnknownParameters(call, input, ["KeyId"]);
    const key = keys.open(call, input.KeyId);
    if (key.deletionMs === undefined) throw new AwsError("KMSInvalidStateException", `${key.arn} is not pending deletion.`);
    await keys.change(key, { deletionMs: undefined, isEnabled: false });
    return { KeyId: key.arn };
  };

/** Behaves as EnableKeyRotation; differs: only RotateKeyOnDemand gives a key new material. */
const enableKeyRotation =
  (keys: Keys): Operation =>
  async (input: OfKey & { RotationPeriodInDays?: number }, call) => {
    refuseUnknownParameters(call, input, ["KeyId", "RotationPeriodInDays"]);
    const key = keys.open(call, input.KeyId);
    requireUsable(key);
    const days = input.RotationPeriodInDays ?? key.rotationDays ?? DEFAULT_ROTATION_DAYS;
    refuseDays("RotationPeriodInDays", days, MIN_ROTATION_DAYS, MAX_ROTATION_DAYS);
    await keys.change(key, { rotationDays: days });
    return {};
  };

/** Behaves as DisableKeyRotation. */
const disableKeyRotation =
  (keys: Keys): Operation =>
  async (input: OfKey, call) => {
    refuseUnknownParameters(call, input, ["KeyId"]);
    const key = keys.open(call, input.KeyId);
    requireUsable(key);
    await keys.change(key, { rotationDays: undefined });
    return {};
  };

/** Behaves as GetKeyRotationStatus. */
const getKeyRotationStatus =
  (keys: Keys): Operation =>
  async (input: OfKey, call) => {
    refuseUnknownParameters(call, input, ["KeyId"]);
    const { arn, rotationDays } = keys.open(call, input.KeyId);
    return { KeyId: arn, KeyRotationEnabled: rotationDays !== undefined, RotationPeriodInDays: rotationDays };
  };

/** Behaves as RotateKeyOnDemand: what the earlier material encrypted can still be decrypted. */
const rotateKeyOnDemand =
  (keys: Keys): Operation =>
  async (input: OfKey, call) => {
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

export type { OfKey, Paging };
export {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeys,
  pageOf,
  rotateKeyOnDemand,
  scheduleKeyDeletion,
  setEnabled,
  updateKeyDescription,
};
