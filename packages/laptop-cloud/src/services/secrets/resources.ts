import { acts, inert, physicalName, refusalOf } from "../../kernel/declared";
import { refusePolicy } from "../../kernel/policy-text";
import type { ResourceKind } from "../../kernel/service";
import { declaredVersionId, readValue } from "./declared-version";
import { isSecretName, secretArn } from "./secret";

const secret: ResourceKind = {
  properties: {
    ...acts("name", "namePrefix", "description", "policy", "tags"),
    ...inert("there is one region", "replicas", "forceOverwriteReplicaSecret"),
    ...inert("nothing is encrypted on this machine", "kmsKeyId"),
    ...inert("a secret that the program no longer declares is deleted at once", "recoveryWindowInDays"),
  },
  check: declared => {
    const name = physicalName(declared);
    return isSecretName(name)
      ? refusePolicy(declared)
      : `name is ${JSON.stringify(name)}, but may contain only letters, digits, /_+=.@ and -.`;
  },
  outputs: (declared, place) => {
    const name = physicalName(declared);
    const arn = secretArn(name, place);
    return { id: arn, arn, name, tagsAll: declared.inputs["tags"] ?? {} };
  },
};

const secretVersion: ResourceKind = {
  properties: acts("secretId", "secretString", "secretBinary", "versionStages"),
  check: declared => refusalOf(() => readValue(declared)),
  outputs: declared => {
    const { secretId } = declared.inputs;
    const versionId = declaredVersionId(declared);
    return { id: `${secretId}|${versionId}`, arn: secretId, versionId, versionStages: declared.inputs["versionStages"] ?? ["AWSCURRENT"] };
  },
};

const secretPolicy: ResourceKind = {
  properties: { ...acts("secretArn", "policy"), ...inert("there is one account", "blockPublicPolicy") },
  check: refusePolicy,
  outputs: ({ inputs }) => ({ id: inputs["secretArn"] }),
};

/** The resource types of `aws.secretsmanager` that are imitated. */
const resources: Record<string, ResourceKind> = {
  "aws:secretsmanager/secret:Secret": secret,
  "aws:secretsmanager/secretPolicy:SecretPolicy": secretPolicy,
  "aws:secretsmanager/secretVersion:SecretVersion": secretVersion,
};

export { resources };
