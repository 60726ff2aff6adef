import type { Inventory, Resource } from "../kernel/inventory";
import { findManagedPolicy, managedPolicyArns } from "./managed-policies";
import { compilePolicy, type Policy, type Statement } from "./policy";

/** A role of the program, with everything that it is granted. */
interface Role {
  arn: string;
  /** The physical name, which attachments use. */
  name: string;
  /** Pulumi name. */
  declaredAs: string;
  trust: Policy;
  /** Policies that are its own, by name. */
  inline: Map<string, unknown>;
  /** ARNs of managed policies, the program's or AWS's. */
  attached: Set<string>;
  /** Of all its policies. */
  statements: Statement[];
  tags: Record<string, string>;
}

/** The program's roles by ARN. Throws `Error` with a sentence when a policy hangs on a role, or a role has a policy, that is nowhere declared. */
const readRoles = (inventory: Inventory): Map<string, Role> => {
  const roles = new Map(inventory.ofType("aws:iam/role:Role").map(resource => [resource.outputs["name"] as string, toRole(resource)]));
  const find = (resource: Resource, value: unknown): Role => {
    const role = roles.get(String(value));
    if (role === undefined)
      throw new Error(`"${resource.name}" (${resource.type}) names the role ${JSON.stringify(value)}, which the program does not declare.`);
    return role;
  };
  for (const resource of inventory.ofType("aws:iam/rolePolicy:RolePolicy"))
    find(resource, resource.inputs["role"]).inline.set(resource.outputs["name"], resource.inputs["policy"]);
  for (const resource of inventory.ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment"))
    find(resource, resource.inputs["role"]).attached.add(resource.inputs["policyArn"]);
  for (const resource of inventory.ofType("aws:iam/policyAttachment:PolicyAttachment"))
    for (const role of resource.inputs["roles"] ?? []) find(resource, role).attached.add(resource.inputs["policyArn"]);

  for (const role of roles.values()) {
    for (const [name, source] of role.inline) role.statements.push(...compilePolicy(name, source, "identity").statements);
    for (const arn of role.attached) role.statements.push(...managedPolicy(inventory, role, arn).statements);
  }
  return new Map([...roles.values()].map(role => [role.arn, role]));
};

const toRole = ({ name, inputs, outputs }: Resource): Role => ({
  arn: outputs["arn"],
  name: outputs["name"],
  declaredAs: name,
  trust: compilePolicy(`the trust policy of ${outputs["name"]}`, inputs["assumeRolePolicy"], "trust"),
  inline: new Map((inputs["inlinePolicies"] ?? []).map((policy: { name: string; policy: unknown }) => [policy.name, policy.policy])),
  attached: new Set(inputs["managedPolicyArns"] ?? []),
  statements: [],
  tags: inputs["tags"] ?? {},
});

const managedPolicy = (inventory: Inventory, role: Role, arn: string): Policy => {
  const declared = inventory.ofType("aws:iam/policy:Policy").find(({ outputs }) => outputs["arn"] === arn);
  if (declared !== undefined) return compilePolicy(declared.outputs["name"], declared.inputs["policy"], "identity");
  const known = findManagedPolicy(arn);
  if (known !== undefined) return compilePolicy(arn.split("/").at(-1)!, known, "identity");
  throw new Error(
    `The role "${role.declaredAs}" has the policy ${arn}, which the laptop cloud does not imitate. ` +
      `It knows those of the program and ${managedPolicyArns().join(", ")}.`,
  );
};

export type { Role };
export { readRoles };
