import type { Service } from "../../../kernel/service";
import type { Keys } from "../store";
import { createAlias, deleteAlias, listAliases, updateAlias } from "./aliases";
import { decrypt, encrypt, generateDataKey, generateRandom, reEncrypt } from "./cryptography";
import {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeys,
  rotateKeyOnDemand,
  scheduleKeyDeletion,
  setEnabled,
  updateKeyDescription,
} from "./keys";
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from "./policies";
import { listResourceTags, tagResource, untagResource } from "./tags";

/** The operations by the names that AWS gives them. */
const createOperations = (keys: Keys): Service["operations"] => ({
  CancelKeyDeletion: cancelKeyDeletion(keys),
  CreateAlias: createAlias(keys),
  CreateKey: createKey(keys),
  Decrypt: decrypt(keys),
  DeleteAlias: deleteAlias(keys),
  DescribeKey: describeKey(keys),
  DisableKey: setEnabled(keys, false),
  DisableKeyRotation: disableKeyRotation(keys),
  EnableKey: setEnabled(keys, true),
  EnableKeyRotation: enableKeyRotation(keys),
  Encrypt: encrypt(keys),
  GenerateDataKey: generateDataKey(keys, { hasPlaintext: true }),
  GenerateDataKeyWithoutPlaintext: generateDataKey(keys, { hasPlaintext: false }),
  GenerateRandom: generateRandom(),
  GetKeyPolicy: getKeyPolicy(keys),
  GetKeyRotationStatus: getKeyRotationStatus(keys),
  ListAliases: listAliases(keys),
  ListKeyPolicies: listKeyPolicies(keys),
  ListKeys: listKeys(keys),
  ListResourceTags: listResourceTags(keys),
  PutKeyPolicy: putKeyPolicy(keys),
  ReEncrypt: reEncrypt(keys),
  RotateKeyOnDemand: rotateKeyOnDemand(keys),
  ScheduleKeyDeletion: scheduleKeyDeletion(keys),
  TagResource: tagResource(keys),
  UntagResource: untagResource(keys),
  UpdateAlias: updateAlias(keys),
  UpdateKeyDescription: updateKeyDescription(keys),
});

export { createOperations };
