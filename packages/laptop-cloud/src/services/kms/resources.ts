import { acts, inert } from "../../kernel/declared";
import { refusePolicy } from "../../kernel/policy-text";
import type { Declared, ResourceKind } from "../../kernel/service";
import {
  aliasArn,
  DEFAULT_WINDOW_DAYS,
  declaredKeyId,
  isAliasName,
  keyArn,
  MAX_ROTATION_DAYS,
  MIN_ROTATION_DAYS,
  MIN_WINDOW_DAYS,
} from "./key";

const lockout = inert("the administrator can always change a key's policy", "bypassPolicyLockoutSafetyCheck");

/** The values of properties that must be as they are by default. */
const ONLY: Record<string, unknown> = { customerMasterKeySpec: "SYMMETRIC_DEFAULT", keyUsage: "ENCRYPT_DECRYPT", multiRegion: false };

const key: ResourceKind = {
  properties: {
    ...acts("description", "policy", "isEnabled", "enableKeyRotation", "rotationPeriodInDays", "deletionWindowInDays", "tags"),
    ...acts("customerMasterKeySpec", "keyUsage", "multiRegion"),
    ...lockout,
  },
  check: declared => {
    const { inputs } = declared;
    for (const [property, only] of Object.entries(ONLY))
      if (inputs[property] !== undefined && inputs[property] !== only)
        return `${property} is ${JSON.stringify(inputs[property])}, but the laptop cloud imitates ${JSON.stringify(only)} only.`;
    return (
      refuseDays(inputs, "deletionWindowInDays", MIN_WINDOW_DAYS, DEFAULT_WINDOW_DAYS) ??
      refuseDays(inputs, "rotationPeriodInDays", MIN_ROTATION_DAYS, MAX_ROTATION_DAYS) ??
      refusePolicy(declared)
    );
  },
  outputs: ({ name, inputs }, place) => {
    const id = declaredKeyId(name);
    return { id, keyId: id, arn: keyArn(id, place), ...ONLY, tagsAll: inputs["tags"] ?? {} };
  },
};

const refuseDays = (inputs: Declared["inputs"], property: string, least: number, most: number): string | undefined => {
  const days = inputs[property];
  if (days === undefined || (Number.isInteger(days) && days >= least && days <= most)) return undefined;
  return `${property} is ${JSON.stringify(days)}, but must be ${least} to ${most}.`;
};

const alias: ResourceKind = {
  properties: { ...acts("name", "namePrefix", "targetKeyId") },
  check: declared => {
    const name = nameOf(declared);
    return isAliasName(name) ? undefined : `name is ${JSON.stringify(name)}, but must be alias/NAME. alias/aws/ is reserved for AWS.`;
  },
  outputs: (declared, place) => {
    const name = nameOf(declared);
    const target = String(declared.inputs["targetKeyId"]);
    return { id: name, name, arn: aliasArn(name, place), targetKeyArn: target.startsWith("arn:") ? target : keyArn(target, place) };
  },
};

/** AWS's provider appends digits to a prefix. */
const nameOf = ({ name, inputs }: Declared): string => inputs["name"] ?? `${inputs["namePrefix"] ?? "alias/"}${name}`;

const keyPolicy: ResourceKind = {
  properties: { ...acts("keyId", "policy"), ...lockout },
  check: refusePolicy,
  outputs: ({ inputs }) => ({ id: inputs["keyId"] }),
};

/** The resource types of `aws.kms` that are imitated. */
const resources: Record<string, ResourceKind> = {
  "aws:kms/alias:Alias": alias,
  "aws:kms/key:Key": key,
  "aws:kms/keyPolicy:KeyPolicy": keyPolicy,
};

export { resources };
