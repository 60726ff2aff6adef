import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Cloud, Operation } from "../../../kernel/service";
import { malformed, noSuchEntity } from "../errors";
import { compilePolicy } from "../policy";
import { arnOf, uniqueId } from "../resources";
import type { ManagedPolicy, Roles } from "../roles";
import type { MadeRoles } from "../store";
import { describePolicy } from "./describe";

interface CreatePolicyInput {
  PolicyName: string;
  PolicyDocument: string;
  Path?: string;
}

/**
 * The operations of IAM on policies that roles share. Each behaves as its page; differs: a policy has one version, v1, all fits on one
 * page, and AWS's own policies can be attached but not read.
 */
const createPolicyControl = (cloud: Cloud, roles: Roles, made: MadeRoles): Record<string, Operation> => {
  const bornMs = cloud.clock.nowMs();
  const find = (arn: string): ManagedPolicy => {
    const policy = roles.policy(arn);
    if (policy === undefined) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    return policy;
  };

  return {
    CreatePolicy: async (input: CreatePolicyInput, call) => {
      refuseUnknownParameters(call, input, ["PolicyName", "PolicyDocument", "Path", "Description", "Tags"]);
      const { PolicyName: name, PolicyDocument: text, Path: path = "/" } = input;
      const arn = arnOf(cloud.place, "policy", path, name);
      call.authorize("iam:CreatePolicy", arn);
      if (roles.policy(arn) !== undefined)
        throw new AwsError("EntityAlreadyExists", `A policy called ${name} already exists. Duplicate names are not allowed.`, 409);
      checkPolicy(name, text);
      const policy = { arn, name, path, id: uniqueId("ANPA", arn), text, createdMs: cloud.clock.nowMs() };
      await made.putPolicy(policy);
      return { Policy: describePolicy(policy, roles, bornMs) };
    },

    DeletePolicy: async ({ PolicyArn }: { PolicyArn: string }, call) => {
      call.authorize("iam:DeletePolicy", PolicyArn);
      const policy = find(PolicyArn);
      if (roles.attachments(PolicyArn) > 0) throw new AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
      await made.deletePolicy(policy);
      return {};
    },

    ListPolicies: async (input: { PathPrefix?: string }, call) => {
      refuseUnknownParameters(call, input, ["Scope", "OnlyAttached", "PathPrefix", "MaxItems"]);
      call.authorize("iam:ListPolicies", "*");
      const listed = roles.policies().filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
      return { Policies: listed.map(policy => describePolicy(policy, roles, bornMs)), IsTruncated: false };
    },

    GetPolicy: async ({ PolicyArn }: { PolicyArn: string }, call) => {
      call.authorize("iam:GetPolicy", PolicyArn);
      return { Policy: describePolicy(find(PolicyArn), roles, bornMs) };
    },

    GetPolicyVersion: async ({ PolicyArn, VersionId }: { PolicyArn: string; VersionId: string }, call) => {
      call.authorize("iam:GetPolicyVersion", PolicyArn);
      const { text, createdMs } = find(PolicyArn);
      if (VersionId !== "v1") throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist.`);
      const CreateDate = new Date(createdMs ?? bornMs);
      return { PolicyVersion: { Document: encodeURIComponent(text), VersionId, IsDefaultVersion: true, CreateDate } };
    },
  };
};

/** Throws `AwsError` MalformedPolicyDocument. */
const checkPolicy = (name: string, text: string) => {
  try {
    compilePolicy(name, text, "identity");
  } catch (error) {
    throw malformed(error);
  }
};

export { createPolicyControl };
