import type { Service } from "../../../kernel/service";
import type { RoleStore } from "../store";
import { createPolicy, deletePolicy, getPolicy, getPolicyVersion, listPolicies } from "./policies";
import { getRole, getRolePolicy, listAttachedRolePolicies, listRolePolicies, listRoles } from "./role-reading";
import {
  attachRolePolicy,
  createRole,
  deleteRole,
  deleteRolePolicy,
  detachRolePolicy,
  putRolePolicy,
  updateAssumeRolePolicy,
} from "./roles";

/**
 * The operations by the names that AWS gives them. Each behaves as its page in the IAM API reference; differs: lists have one page,
 * roles have no permissions boundaries, policies have one version, v1, and AWS's own policies are not listed.
 */
const createOperations = (store: RoleStore): Service["operations"] => ({
  GetRole: getRole(store),
  ListRoles: listRoles(store),
  ListRolePolicies: listRolePolicies(store),
  GetRolePolicy: getRolePolicy(store),
  ListAttachedRolePolicies: listAttachedRolePolicies(store),
  CreateRole: createRole(store),
  DeleteRole: deleteRole(store),
  UpdateAssumeRolePolicy: updateAssumeRolePolicy(store),
  PutRolePolicy: putRolePolicy(store),
  DeleteRolePolicy: deleteRolePolicy(store),
  AttachRolePolicy: attachRolePolicy(store),
  DetachRolePolicy: detachRolePolicy(store),
  CreatePolicy: createPolicy(store),
  DeletePolicy: deletePolicy(store),
  ListPolicies: listPolicies(store),
  GetPolicy: getPolicy(store),
  GetPolicyVersion: getPolicyVersion(store),
});

export { createOperations };
