import type { State } from "../../kernel/state";
import { policyText } from "./policy";
import { compileTrust, type ManagedPolicy, type Role, type Roles } from "./roles";

type KeptRole = Pick<Role, "arn" | "name" | "path" | "id" | "createdMs" | "description" | "trustText" | "tags"> & {
  inline: [name: string, text: string][];
  attached: string[];
};

const roleKey = (name: string) => `role/${name}`;
const policyKey = (arn: string) => `policy/${arn}`;

/**
 * Keeps what was made through the API over restarts. Changes of what the program declares are not kept: the program says so again at the
 * next start.
 */
class MadeRoles {
  constructor(
    private readonly state: State,
    private readonly roles: Roles,
  ) {}

  /** A policy that a kept role has may have gone from the program since: the role is left out then, and that is said. */
  async load() {
    for (const [key, policy] of await this.state.entries<ManagedPolicy>(policyKey(""))) {
      if (this.roles.policy(policy.arn) === undefined) this.roles.putPolicy(policy);
      else await this.state.delete(key);
    }
    for (const [key, kept] of await this.state.entries<KeptRole>(roleKey(""))) {
      if (this.roles.named(kept.name) === undefined) this.#revive(kept);
      else await this.state.delete(key);
    }
  }

  /** Puts a role, and keeps it if it was made here. Throws `PolicyError`, and `Error` for a policy that is not known. */
  async put(role: Role) {
    this.roles.put(role);
    if (role.createdMs === undefined) return;
    const { arn, name, path, id, createdMs, description, trustText, tags, attached } = role;
    const inline = [...role.inline].map(([policy, source]): [string, string] => [policy, policyText(source)]);
    const kept: KeptRole = { arn, name, path, id, createdMs, description, trustText, tags, inline, attached: [...attached] };
    await this.state.put(roleKey(name), kept);
  }

  async delete(role: Role) {
    this.roles.delete(role);
    await this.state.delete(roleKey(role.name));
  }

  async putPolicy(policy: ManagedPolicy) {
    this.roles.putPolicy(policy);
    await this.state.put(policyKey(policy.arn), policy);
  }

  async deletePolicy(policy: ManagedPolicy) {
    this.roles.deletePolicy(policy);
    await this.state.delete(policyKey(policy.arn));
  }

  #revive({ inline, attached, ...kept }: KeptRole) {
    try {
      this.roles.put({
        ...kept,
        declaredAs: kept.name,
        trust: compileTrust(kept.name, kept.trustText),
        inline: new Map(inline),
        attached: new Set(attached),
        statements: [],
      });
    } catch (error) {
      console.error(`The role ${kept.name}, made through the API, is left out: ${(error as Error).message}`);
    }
  }
}

export { MadeRoles };
