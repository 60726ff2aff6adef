import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Cloud, Operation } from "../../../kernel/service";
import { malformed, noSuchEntity } from "../errors";
import { arnOf, uniqueId } from "../resources";
import { compileTrust, type Role, type Roles } from "../roles";
import type { MadeRoles } from "../store";
import { describeRole } from "./describe";

interface OfRole {
  RoleName: string;
}

interface CreateRoleInput extends OfRole {
  AssumeRolePolicyDocument: string;
  Path?: string;
  Description?: string;
  Tags?: { Key: string; Value: string }[];
}

/**
 * The operations of IAM that make, change and delete roles. Each behaves as its page; differs: no permissions boundaries, and a role
 * of the program is as it declares it again at the next start.
 */
const createRoleControl = (cloud: Cloud, roles: Roles, made: MadeRoles): Record<string, Operation> => {
  const find = (name: string): Role => {
    const role = roles.named(name);
    if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return role;
  };

  /** Puts a changed copy: a policy that can't be taken leaves the role as it was. */
  const change = async (role: Role, changes: Partial<Role>) => {
    try {
      await made.put({ ...role, ...changes });
    } catch (error) {
      throw malformed(error);
    }
  };

  return {
    CreateRole: async (input: CreateRoleInput, call) => {
      refuseUnknownParameters(call, input, ["RoleName", "AssumeRolePolicyDocument", "Path", "Description", "MaxSessionDuration", "Tags"]);
      const { RoleName: name, AssumeRolePolicyDocument: trustText, Path: path = "/", Description: description, Tags = [] } = input;
      const arn = arnOf(cloud.place, "role", path, name);
      call.authorize("iam:CreateRole", arn);
      if (!/^[\w+=,.@-]{1,64}$/.test(name))
        throw new AwsError("ValidationError", `RoleName is ${JSON.stringify(name)}: want 1 to 64 letters, digits and +=,.@_-.`);
      if (roles.named(name) !== undefined) throw new AwsError("EntityAlreadyExists", `Role with name ${name} already exists.`, 409);
      const role: Role = {
        arn,
        name,
        path,
        id: uniqueId("AROA", arn),
        declaredAs: name,
        createdMs: cloud.clock.nowMs(),
        description,
        trustText,
        trust: readTrust(name, trustText),
        inline: new Map(),
        attached: new Set(),
        statements: [],
        tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
      };
      await made.put(role);
      return { Role: describeRole(role, cloud.clock.nowMs()) };
    },

    DeleteRole: async ({ RoleName }: OfRole, call) => {
      const role = find(RoleName);
      call.authorize("iam:DeleteRole", role.arn);
      if (role.attached.size > 0) throw new AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
      if (role.inline.size > 0) throw new AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
      await made.delete(role);
      return {};
    },

    UpdateAssumeRolePolicy: async ({ RoleName, PolicyDocument }: OfRole & { PolicyDocument: string }, call) => {
      const role = find(RoleName);
      call.authorize("iam:UpdateAssumeRolePolicy", role.arn);
      await change(role, { trustText: PolicyDocument, trust: readTrust(role.name, PolicyDocument) });
      return {};
    },

    PutRolePolicy: async ({ RoleName, PolicyName, PolicyDocument }: OfRole & { PolicyName: string; PolicyDocument: string }, call) => {
      const role = find(RoleName);
      call.authorize("iam:PutRolePolicy", role.arn);
      await change(role, { inline: new Map(role.inline).set(PolicyName, PolicyDocument) });
      return {};
    },

    DeleteRolePolicy: async ({ RoleName, PolicyName }: OfRole & { PolicyName: string }, call) => {
      const role = find(RoleName);
      call.authorize("iam:DeleteRolePolicy", role.arn);
      const inline = new Map(role.inline);
      if (!inline.delete(PolicyName)) throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
      await change(role, { inline });
      return {};
    },

    AttachRolePolicy: async ({ RoleName, PolicyArn }: OfRole & { PolicyArn: string }, call) => {
      const role = find(RoleName);
      call.authorize("iam:AttachRolePolicy", role.arn);
      await change(role, { attached: new Set(role.attached).add(PolicyArn) }).catch((error: Error) => {
        throw noSuchEntity(error.message);
      });
      return {};
    },

    DetachRolePolicy: async ({ RoleName, PolicyArn }: OfRole & { PolicyArn: string }, call) => {
      const role = find(RoleName);
      call.authorize("iam:DetachRolePolicy", role.arn);
      const attached = new Set(role.attached);
      if (!attached.delete(PolicyArn)) throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
      await change(role, { attached });
      return {};
    },
  };
};

const readTrust = (roleName: string, text: string) => {
  try {
    return compileTrust(roleName, text);
  } catch (error) {
    throw malformed(error);
  }
};

export { createRoleControl };
