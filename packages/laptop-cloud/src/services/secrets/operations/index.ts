import type { Service } from "../../../kernel/service";
import type { Secrets } from "../store";
import { createSecret, deleteSecret, describeSecret, listSecrets, restoreSecret, updateSecret } from "./secrets";
import { getSecretValue, putSecretValue } from "./values";

/** The operations by the names that AWS gives them. */
const createOperations = (secrets: Secrets): Service["operations"] => ({
  CreateSecret: createSecret(secrets),
  UpdateSecret: updateSecret(secrets),
  DescribeSecret: describeSecret(secrets),
  ListSecrets: listSecrets(secrets),
  DeleteSecret: deleteSecret(secrets),
  RestoreSecret: restoreSecret(secrets),
  GetSecretValue: getSecretValue(secrets),
  PutSecretValue: putSecretValue(secrets),
});

export { createOperations };
