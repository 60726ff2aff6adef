import { createHash } from "node:crypto";
import { acts, inert, physicalName } from "../../kernel/declared";
import type { Place, ResourceKind } from "../../kernel/service";
import { PolicyError } from "./pattern";
import { compilePolicy, type PolicyKind, policyText } from "./policy";

/** The resource types of `aws.iam` that are imitated. */
const resources: Record<string, ResourceKind> = {
  "aws:iam/role:Role": {
    properties: {
      ...acts("assumeRolePolicy", "inlinePolicies", "managedPolicyArns", "name", "namePrefix", "path", "tags"),
      ...inert("tags are enough", "tagsAll"),
      ...inert("for people", "description"),
      ...inert("nothing is detached here", "forceDetachPolicies"),
      ...inert("sessions end with their environment", "maxSessionDuration"),
    },
    check: ({ inputs }) => {
      const own: { policy: unknown }[] = inputs["inlinePolicies"] ?? [];
      return refuse(inputs["assumeRolePolicy"], "trust") ?? own.map(({ policy }) => refuse(policy, "identity")).find(Boolean);
    },
    outputs: (declared, place) => {
      const name = physicalName(declared);
      const arn = arnOf(place, "role", declared.inputs["path"], name);
      return {
        id: name,
        name,
        arn,
        path: declared.inputs["path"] ?? "/",
        uniqueId: uniqueId("AROA", arn),
        assumeRolePolicy: policyText(declared.inputs["assumeRolePolicy"]),
        managedPolicyArns: declared.inputs["managedPolicyArns"] ?? [],
      };
    },
  },

  "aws:iam/rolePolicy:RolePolicy": {
    properties: acts("name", "namePrefix", "policy", "role"),
    check: ({ inputs }) => refuse(inputs["policy"], "identity"),
    outputs: declared => {
      const name = physicalName(declared);
      return { id: `${declared.inputs["role"]}:${name}`, name, policy: policyText(declared.inputs["policy"]) };
    },
  },

  "aws:iam/policy:Policy": {
    properties: {
      ...acts("name", "namePrefix", "path", "policy"),
      ...inert("for people", "description"),
      ...inert("policies take effect at once", "delayAfterPolicyCreationInMs"),
      ...inert("no condition asks for them", "tags", "tagsAll"),
    },
    check: ({ inputs }) => refuse(inputs["policy"], "identity"),
    outputs: (declared, place) => {
      const name = physicalName(declared);
      const arn = arnOf(place, "policy", declared.inputs["path"], name);
      return {
        id: arn,
        arn,
        name,
        path: declared.inputs["path"] ?? "/",
        policyId: uniqueId("ANPA", arn),
        policy: policyText(declared.inputs["policy"]),
      };
    },
  },

  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    properties: acts("policyArn", "role"),
    outputs: ({ inputs }) => ({ id: `${inputs["role"]}/${inputs["policyArn"]}` }),
  },

  "aws:iam/policyAttachment:PolicyAttachment": {
    properties: acts("name", "policyArn", "roles"),
    outputs: declared => ({ id: physicalName(declared), name: physicalName(declared) }),
  },
};

const arnOf = (place: Place, kind: string, path: string | undefined, name: string) =>
  `arn:aws:iam::${place.account}:${kind}${path ?? "/"}${name}`;

/** A unique id: a prefix for its kind, then capitals and digits (IAM identifiers). It is derived from the ARN. */
const uniqueId = (prefix: string, arn: string) => prefix + createHash("sha256").update(arn).digest("hex").slice(0, 17).toUpperCase();

const refuse = (policy: unknown, kind: PolicyKind): string | undefined => {
  try {
    compilePolicy("", policy, kind);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
};

export { arnOf, resources, uniqueId };
