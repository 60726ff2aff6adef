import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { policyText } from "./policy";
import { compileTrust, type ManagedPolicy, type Role, type Roles, readRoles, rolesOf } from "./roles";

type StoredRole = Pick<Role, "arn" | "name" | "path" | "id" | "createdMs" | "description" | "trustText" | "tags"> & {
  inline: [name: string, text: string][];
  attached: string[];
};

const roleKey = (name: string) => `role/${name}`;
const policyKey = (arn: string) => `policy/${arn}`;

/**
 * All roles and policies. Those created by API calls are stored and survive a restart. Declared roles and policies are as declared
 * again at each start.
 */
class RoleStore {
  /** The creation date of what the program declares. */
  readonly startedMs: number;
  readonly #state: State;

  constructor(readonly cloud: Cloud) {
    this.startedMs = cloud.clock.nowMs();
    this.#state = cloud.state("iam");
  }

  get roles(): Roles {
    return rolesOf(this.cloud.inventory);
  }

  /** Takes over the roles that the program declares after a reload. Throws as `Roles` does. */
  async update() {
    readRoles(this.cloud.inventory);
    await this.load();
  }

  /** Leaves out a role whose policy the program no longer declares, and logs it. */
  async load() {
    for (const [key, policy] of await this.#state.entries<ManagedPolicy>(policyKey(""))) {
      if (this.roles.policy(policy.arn) === undefined) this.roles.putPolicy(policy);
      else await this.#state.delete(key);
    }
    for (const [key, stored] of await this.#state.entries<StoredRole>(roleKey(""))) {
      if (this.roles.named(stored.name) === undefined) this.#restore(stored);
      else await this.#state.delete(key);
    }
  }

  /** Stores the role too if an API call created it. Throws `PolicyError`, and `Error` for an unknown policy. */
  async put(role: Role) {
    this.roles.put(role);
    if (role.createdMs === undefined) return;
    const { arn, name, path, id, createdMs, description, trustText, tags, attached } = role;
    const inline = [...role.inline].map(([policy, source]): [string, string] => [policy, policyText(source)]);
    const stored: StoredRole = { arn, name, path, id, createdMs, description, trustText, tags, inline, attached: [...attached] };
    await this.#state.put(roleKey(name), stored);
  }

  async delete(role: Role) {
    this.roles.delete(role);
    await this.#state.delete(roleKey(role.name));
  }

  async putPolicy(policy: ManagedPolicy) {
    this.roles.putPolicy(policy);
    await this.#state.put(policyKey(policy.arn), policy);
  }

  async deletePolicy(policy: ManagedPolicy) {
    this.roles.deletePolicy(policy);
    await this.#state.delete(policyKey(policy.arn));
  }

  #restore({ inline, attached, ...stored }: StoredRole) {
    try {
      this.roles.put({
        ...stored,
        declaredAs: stored.name,
        trust: compileTrust(stored.name, stored.trustText),
        inline: new Map(inline),
        attached: new Set(attached),
        statements: [],
      });
    } catch (error) {
      console.error(`The role ${stored.name}, made through the API, is left out: ${(error as Error).message}`);
    }
  }
}

export { RoleStore };
