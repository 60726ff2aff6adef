import { createHash } from "node:crypto";
import { physicalName } from "../../kernel/declared";
import type { Place, ResourceKind } from "../../kernel/service";
import { PolicyError } from "./pattern";
import { compilePolicy, type PolicyKind, policyText } from "./policy";

/** The resource types of `aws.iam` that are imitated. */
const resources: Record<string, ResourceKind> = {
  "aws:iam/role:Role": {
    properties: {
      assumeRolePolicy: "acts",
      inlinePolicies: "acts",
      managedPolicyArns: "acts",
      name: "acts",
      namePrefix: "acts",
      path: "acts",
      tags: "acts",
      tagsAll: { inert: "tags are enough" },
      description: { inert: "for people" },
      forceDetachPolicies: { inert: "nothing is detached here" },
      maxSessionDuration: { inert: "sessions end with their environment" },
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
    properties: { name: "acts", namePrefix: "acts", policy: "acts", role: "acts" },
    check: ({ inputs }) => refuse(inputs["policy"], "identity"),
    outputs: declared => {
      const name = physicalName(declared);
      return { id: `${declared.inputs["role"]}:${name}`, name, policy: policyText(declared.inputs["policy"]) };
    },
  },

  "aws:iam/policy:Policy": {
    properties: {
      name: "acts",
      namePrefix: "acts",
      path: "acts",
      policy: "acts",
      description: { inert: "for people" },
      delayAfterPolicyCreationInMs: { inert: "policies take effect at once" },
      tags: { inert: "no condition asks for them" },
      tagsAll: { inert: "no condition asks for them" },
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
    properties: { policyArn: "acts", role: "acts" },
    outputs: ({ inputs }) => ({ id: `${inputs["role"]}/${inputs["policyArn"]}` }),
  },

  "aws:iam/policyAttachment:PolicyAttachment": {
    properties: { name: "acts", policyArn: "acts", roles: "acts" },
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
