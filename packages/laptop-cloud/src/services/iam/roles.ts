import type { Inventory, Resource } from "../../kernel/inventory";
import { findManagedPolicy, managedPolicyArns } from "./managed-policies";
import { compilePolicy, type Policy, policyText, type Statement } from "./policy";

/** A role that the program declares or an API call created. */
interface Role {
  arn: string;
  /** The physical name, which attachments use. */
  name: string;
  path: string;
  id: string;
  /** Its Pulumi name, or its own name if an API call created it. */
  declaredAs: string;
  /** Only for a role that an API call created. */
  createdMs?: number;
  description?: string;
  /** The trust policy as JSON. */
  trustText: string;
  trust: Policy;
  /** Inline policies by name. */
  inline: Map<string, unknown>;
  /** ARNs of managed policies, including AWS's own. */
  attached: Set<string>;
  /** The statements of all its policies. */
  statements: Statement[];
  tags: Record<string, string>;
}

/** A managed policy, which roles can share. */
interface ManagedPolicy {
  arn: string;
  name: string;
  path: string;
  id: string;
  /** JSON. */
  text: string;
  /** Only for a policy that an API call created. */
  createdMs?: number;
}

/** All roles and managed policies. */
class Roles {
  readonly #roles = new Map<string, Role>();
  readonly #policies = new Map<string, ManagedPolicy>();

  /** Throws `Error` for a policy of an undeclared role, and for a role with an undeclared policy. */
  constructor(inventory: Inventory) {
    for (const { outputs } of inventory.ofType("aws:iam/policy:Policy")) {
      const { arn, name, path, policyId: id, policy: text } = outputs;
      this.#policies.set(arn, { arn, name, path, id, text });
    }
    for (const role of declaredRoles(inventory)) this.put(role);
  }

  get(arn: string): Role | undefined {
    return this.#roles.get(arn);
  }

  named(name: string): Role | undefined {
    return this.all().find(role => role.name === name);
  }

  all(): Role[] {
    return [...this.#roles.values()];
  }

  /** Throws `PolicyError` for an invalid policy, and `Error` for an unknown one. */
  put(role: Role) {
    const own = [...role.inline].map(([name, source]) => compilePolicy(name, source, "identity"));
    const shared = [...role.attached].map(arn => this.#compileManaged(role, arn));
    role.statements = [...own, ...shared].flatMap(({ statements }) => statements);
    this.#roles.set(role.arn, role);
  }

  delete({ arn }: Role) {
    this.#roles.delete(arn);
  }

  /** All managed policies except AWS's own. */
  policies(): ManagedPolicy[] {
    return [...this.#policies.values()];
  }

  policy(arn: string): ManagedPolicy | undefined {
    return this.#policies.get(arn);
  }

  putPolicy(policy: ManagedPolicy) {
    this.#policies.set(policy.arn, policy);
  }

  deletePolicy({ arn }: ManagedPolicy) {
    this.#policies.delete(arn);
  }

  attachments(policyArn: string): number {
    return this.all().filter(({ attached }) => attached.has(policyArn)).length;
  }

  #compileManaged(role: Role, arn: string): Policy {
    const made = this.#policies.get(arn);
    if (made !== undefined) return compilePolicy(made.name, made.text, "identity");
    const known = findManagedPolicy(arn);
    if (known !== undefined) return compilePolicy(known.name, known.document, "identity");
    throw new Error(
      `The role "${role.declaredAs}" has the policy ${arn}, which the laptop cloud does not imitate. ` +
        `It knows those of the program and ${managedPolicyArns().join(", ")}.`,
    );
  }
}

const declaredRoles = (inventory: Inventory): Role[] => {
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
  return [...roles.values()];
};

const toRole = ({ name, inputs, outputs }: Resource): Role => ({
  arn: outputs["arn"],
  name: outputs["name"],
  path: outputs["path"],
  id: outputs["uniqueId"],
  declaredAs: name,
  trustText: policyText(inputs["assumeRolePolicy"]),
  trust: compileTrust(outputs["name"], inputs["assumeRolePolicy"]),
  inline: new Map((inputs["inlinePolicies"] ?? []).map((policy: { name: string; policy: unknown }) => [policy.name, policy.policy])),
  attached: new Set(inputs["managedPolicyArns"] ?? []),
  statements: [],
  tags: inputs["tags"] ?? {},
});

/** Throws `PolicyError`. */
const compileTrust = (roleName: string, source: unknown): Policy => compilePolicy(`the trust policy of ${roleName}`, source, "trust");

const rolesByInventory = new WeakMap<Inventory, Roles>();

/** The roles of a cloud. The authorizer and the operations share this one object. Throws as `Roles` does. */
const rolesOf = (inventory: Inventory): Roles => {
  return rolesByInventory.get(inventory) ?? readRoles(inventory);
};

/** Reads the roles that the program declares, after a reload. Throws as `Roles` does. */
const readRoles = (inventory: Inventory): Roles => {
  const roles = new Roles(inventory);
  rolesByInventory.set(inventory, roles);
  return roles;
};

export type { ManagedPolicy, Role, Roles };
export { compileTrust, readRoles, rolesOf };
