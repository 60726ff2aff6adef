import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { readTags, type Tag } from "../../../kernel/tags";
import { malformed, noSuchEntity } from "../errors";
import { arnOf, uniqueId } from "../resources";
import { compileTrust, type Role } from "../roles";
import type { RoleStore } from "../store";
import { describeRole } from "./describe";
import { findRole } from "./find-role";

interface OfRole {
  RoleName: string;
}

interface CreateRoleInput extends OfRole {
  AssumeRolePolicyDocument: string;
  Path?: string;
  Description?: string;
  Tags?: Tag[];
}

const createRole: OperationOf<RoleStore> = async (store, input: CreateRoleInput, call) => {
  refuseUnknownParameters(call, input, ["RoleName", "AssumeRolePolicyDocument", "Path", "Description", "MaxSessionDuration", "Tags"]);
  const { RoleName: name, AssumeRolePolicyDocument: trustText, Path: path = "/", Description: description, Tags = [] } = input;
  const arn = arnOf(store.cloud.place, "role", path, name);
  call.authorize("iam:CreateRole", arn);
  if (!/^[\w+=,.@-]{1,64}$/.test(name))
    throw new AwsError("ValidationError", `RoleName is ${JSON.stringify(name)}, but must be 1 to 64 letters, digits and +=,.@_-.`);
  if (store.roles.named(name) !== undefined) throw new AwsError("EntityAlreadyExists", `Role with name ${name} already exists.`, 409);
  const role: Role = {
    arn,
    name,
    path,
    id: uniqueId("AROA", arn),
    declaredAs: name,
    createdMs: store.cloud.clock.nowMs(),
    description,
    trustText,
    trust: readTrust(name, trustText),
    inline: new Map(),
    attached: new Set(),
    statements: [],
    tags: readTags(Tags),
  };
  await store.put(role);
  return { Role: describeRole(role, store.cloud.clock.nowMs()) };
};

const deleteRole: OperationOf<RoleStore> = async (store, { RoleName }: OfRole, call) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:DeleteRole", role.arn);
  if (role.attached.size > 0) throw new AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
  if (role.inline.size > 0) throw new AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
  await store.delete(role);
  return {};
};

const updateAssumeRolePolicy: OperationOf<RoleStore> = async (
  store,
  { RoleName, PolicyDocument }: OfRole & { PolicyDocument: string },
  call,
) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:UpdateAssumeRolePolicy", role.arn);
  await change(store, role, { trustText: PolicyDocument, trust: readTrust(role.name, PolicyDocument) });
  return {};
};

const putRolePolicy: OperationOf<RoleStore> = async (
  store,
  { RoleName, PolicyName, PolicyDocument }: OfRole & { PolicyName: string; PolicyDocument: string },
  call,
) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:PutRolePolicy", role.arn);
  await change(store, role, { inline: new Map(role.inline).set(PolicyName, PolicyDocument) });
  return {};
};

const deleteRolePolicy: OperationOf<RoleStore> = async (store, { RoleName, PolicyName }: OfRole & { PolicyName: string }, call) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:DeleteRolePolicy", role.arn);
  const inline = new Map(role.inline);
  if (!inline.delete(PolicyName)) throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
  await change(store, role, { inline });
  return {};
};

const attachRolePolicy: OperationOf<RoleStore> = async (store, { RoleName, PolicyArn }: OfRole & { PolicyArn: string }, call) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:AttachRolePolicy", role.arn);
  await change(store, role, { attached: new Set(role.attached).add(PolicyArn) }).catch((error: Error) => {
    throw noSuchEntity(error.message);
  });
  return {};
};

const detachRolePolicy: OperationOf<RoleStore> = async (store, { RoleName, PolicyArn }: OfRole & { PolicyArn: string }, call) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:DetachRolePolicy", role.arn);
  const attached = new Set(role.attached);
  if (!attached.delete(PolicyArn)) throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
  await change(store, role, { attached });
  return {};
};

/** Stores a changed copy, so that a policy that is refused leaves the role as it was. Throws `AwsError` MalformedPolicyDocument. */
const change = async (store: RoleStore, role: Role, changes: Partial<Role>) => {
  try {
    await store.put({ ...role, ...changes });
  } catch (error) {
    throw malformed(error);
  }
};

const readTrust = (roleName: string, text: string) => {
  try {
    return compileTrust(roleName, text);
  } catch (error) {
    throw malformed(error);
  }
};

export { attachRolePolicy, createRole, deleteRole, deleteRolePolicy, detachRolePolicy, putRolePolicy, updateAssumeRolePolicy };
