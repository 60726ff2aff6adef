import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { malformed, noSuchEntity } from "../errors";
import { findManagedPolicy } from "../managed-policies";
import { compilePolicy } from "../policy";
import { arnOf, uniqueId } from "../resources";
import type { ManagedPolicy } from "../roles";
import type { RoleStore } from "../store";
import { describePolicy } from "./describe";

interface CreatePolicyInput {
  PolicyName: string;
  PolicyDocument: string;
  Path?: string;
}

const createPolicy: OperationOf<RoleStore> = async (store, input: CreatePolicyInput, call) => {
  refuseUnknownParameters(call, input, ["PolicyName", "PolicyDocument", "Path", "Description", "Tags"]);
  const { PolicyName: name, PolicyDocument: text, Path: path = "/" } = input;
  const arn = arnOf(store.cloud.place, "policy", path, name);
  call.authorize("iam:CreatePolicy", arn);
  if (store.roles.policy(arn) !== undefined)
    throw new AwsError("EntityAlreadyExists", `A policy called ${name} already exists. Duplicate names are not allowed.`, 409);
  checkPolicy(name, text);
  const policy = { arn, name, path, id: uniqueId("ANPA", arn), text, createdMs: store.cloud.clock.nowMs() };
  await store.putPolicy(policy);
  return { Policy: describePolicy(policy, store.roles, store.startedMs) };
};

const deletePolicy: OperationOf<RoleStore> = async (store, { PolicyArn }: { PolicyArn: string }, call) => {
  call.authorize("iam:DeletePolicy", PolicyArn);
  const policy = find(store, PolicyArn);
  if (store.roles.attachments(PolicyArn) > 0) throw new AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
  await store.deletePolicy(policy);
  return {};
};

const listPolicies: OperationOf<RoleStore> = async (store, input: { PathPrefix?: string }, call) => {
  refuseUnknownParameters(call, input, ["Scope", "OnlyAttached", "PathPrefix", "MaxItems"]);
  call.authorize("iam:ListPolicies", "*");
  const listed = store.roles.policies().filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
  return { Policies: listed.map(policy => describePolicy(policy, store.roles, store.startedMs)), IsTruncated: false };
};

const getPolicy: OperationOf<RoleStore> = async (store, { PolicyArn }: { PolicyArn: string }, call) => {
  call.authorize("iam:GetPolicy", PolicyArn);
  return { Policy: describePolicy(findReadable(store, PolicyArn), store.roles, store.startedMs) };
};

const getPolicyVersion: OperationOf<RoleStore> = async (
  store,
  { PolicyArn, VersionId }: { PolicyArn: string; VersionId: string },
  call,
) => {
  call.authorize("iam:GetPolicyVersion", PolicyArn);
  const { text, createdMs } = findReadable(store, PolicyArn);
  if (VersionId !== "v1") throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist.`);
  const CreateDate = new Date(createdMs ?? store.startedMs);
  return { PolicyVersion: { Document: encodeURIComponent(text), VersionId, IsDefaultVersion: true, CreateDate } };
};

const find = ({ roles }: RoleStore, arn: string): ManagedPolicy => {
  const policy = roles.policy(arn);
  if (policy === undefined) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  return policy;
};

/** Finds AWS's own policies too. */
const findReadable = (store: RoleStore, arn: string): ManagedPolicy => {
  const known = findManagedPolicy(arn);
  if (known === undefined) return find(store, arn);
  const { name, path, document } = known;
  return { arn, name, path, id: uniqueId("ANPA", arn), text: JSON.stringify(document) };
};

/** Throws `AwsError` MalformedPolicyDocument. */
const checkPolicy = (name: string, text: string) => {
  try {
    compilePolicy(name, text, "identity");
  } catch (error) {
    throw malformed(error);
  }
};

export { createPolicy, deletePolicy, getPolicy, getPolicyVersion, listPolicies };
