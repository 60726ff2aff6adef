import { physicalName, refusalOf } from "../../kernel/declared";
import { refusePolicy } from "../../kernel/policy-text";
import type { Inert, ResourceKind } from "../../kernel/service";
import { declaredVersionId, readValue } from "./declared-version";
import { isSecretName, secretArn } from "./secret";

const inert = (reason: string, ...properties: string[]): Record<string, Inert> =>
  Object.fromEntries(properties.map(property => [property, { inert: reason }]));

const secret: ResourceKind = {
  properties: {
    name: "acts",
    namePrefix: "acts",
    description: "acts",
    policy: "acts",
    tags: "acts",
    ...inert("there is one region", "region", "replicas", "forceOverwriteReplicaSecret"),
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
  properties: {
    secretId: "acts",
    secretString: "acts",
    secretBinary: "acts",
    versionStages: "acts",
    ...inert("there is one region", "region"),
  },
  check: declared => refusalOf(() => readValue(declared)),
  outputs: declared => {
    const { secretId } = declared.inputs;
    const versionId = declaredVersionId(declared);
    return { id: `${secretId}|${versionId}`, arn: secretId, versionId, versionStages: declared.inputs["versionStages"] ?? ["AWSCURRENT"] };
  },
};

const secretPolicy: ResourceKind = {
  properties: {
    secretArn: "acts",
    policy: "acts",
    blockPublicPolicy: { inert: "there is one account" },
    ...inert("there is one region", "region"),
  },
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
