import type { Service } from "../../../kernel/service";
import type { Secrets } from "../store";
import { getRandomPassword } from "./random-password";
import { createSecret, deleteSecret, describeSecret, listSecrets, restoreSecret, updateSecret } from "./secrets";
import { deleteResourcePolicy, getResourcePolicy, putResourcePolicy, tagResource, untagResource } from "./tags-and-policies";
import { batchGetSecretValue, getSecretValue, putSecretValue } from "./values";
import { listSecretVersionIds, updateSecretVersionStage } from "./versions";

/** The operations by the names that AWS gives them. */
const createOperations = (secrets: Secrets): Service["operations"] => ({
  BatchGetSecretValue: batchGetSecretValue(secrets),
  CreateSecret: createSecret(secrets),
  DeleteResourcePolicy: deleteResourcePolicy(secrets),
  DeleteSecret: deleteSecret(secrets),
  DescribeSecret: describeSecret(secrets),
  GetRandomPassword: getRandomPassword(),
  GetResourcePolicy: getResourcePolicy(secrets),
  GetSecretValue: getSecretValue(secrets),
  ListSecretVersionIds: listSecretVersionIds(secrets),
  ListSecrets: listSecrets(secrets),
  PutResourcePolicy: putResourcePolicy(secrets),
  PutSecretValue: putSecretValue(secrets),
  RestoreSecret: restoreSecret(secrets),
  TagResource: tagResource(secrets),
  UntagResource: untagResource(secrets),
  UpdateSecret: updateSecret(secrets),
  UpdateSecretVersionStage: updateSecretVersionStage(secrets),
});

export { createOperations };
