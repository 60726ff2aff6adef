import type { ManagedPolicy, Role, Roles } from "../roles";

/** `startedMs` is the start of the cloud, the creation date of what the program declares. */
const describeRole = ({ path, name, id, arn, trustText, description, createdMs }: Role, startedMs: number) => ({
  Path: path,
  RoleName: name,
  RoleId: id,
  Arn: arn,
  CreateDate: new Date(createdMs ?? startedMs),
  AssumeRolePolicyDocument: encodeURIComponent(trustText),
  ...(description === undefined ? {} : { Description: description }),
  MaxSessionDuration: 3600,
});

const describePolicy = ({ name, id, arn, path, createdMs }: ManagedPolicy, roles: Roles, startedMs: number) => ({
  PolicyName: name,
  PolicyId: id,
  Arn: arn,
  Path: path,
  DefaultVersionId: "v1",
  AttachmentCount: roles.attachments(arn),
  IsAttachable: true,
  CreateDate: new Date(createdMs ?? startedMs),
});

export { describePolicy, describeRole };
