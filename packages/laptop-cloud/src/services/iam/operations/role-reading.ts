import type { OperationOf } from "../../../kernel/service";
import { noSuchEntity } from "../errors";
import { policyText } from "../policy";
import type { RoleStore } from "../store";
import { describeRole } from "./describe";
import { findRole } from "./find-role";

const getRole: OperationOf<RoleStore> = async (store, { RoleName }: { RoleName: string }, call) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:GetRole", role.arn);
  return { Role: describeRole(role, store.startedMs) };
};

const listRoles: OperationOf<RoleStore> = async (store, { PathPrefix = "/" }: { PathPrefix?: string }, call) => {
  call.authorize("iam:ListRoles", "*");
  const listed = store.roles.all().filter(({ path }) => path.startsWith(PathPrefix));
  return { Roles: listed.map(role => describeRole(role, store.startedMs)), IsTruncated: false };
};

const listRolePolicies: OperationOf<RoleStore> = async (store, { RoleName }: { RoleName: string }, call) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:ListRolePolicies", role.arn);
  return { PolicyNames: [...role.inline.keys()], IsTruncated: false };
};

const getRolePolicy: OperationOf<RoleStore> = async (store, { RoleName, PolicyName }: { RoleName: string; PolicyName: string }, call) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:GetRolePolicy", role.arn);
  const document = role.inline.get(PolicyName);
  if (document === undefined) throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
  return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(policyText(document)) };
};

const listAttachedRolePolicies: OperationOf<RoleStore> = async (store, { RoleName }: { RoleName: string }, call) => {
  const role = findRole(store, RoleName);
  call.authorize("iam:ListAttachedRolePolicies", role.arn);
  const attached = [...role.attached].map(arn => ({ PolicyName: arn.split("/").at(-1), PolicyArn: arn }));
  return { AttachedPolicies: attached, IsTruncated: false };
};

export { getRole, getRolePolicy, listAttachedRolePolicies, listRolePolicies, listRoles };
