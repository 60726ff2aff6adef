import type { Denial, Grant, UsageReport } from "../../kernel/usage";
import type { Statement } from "./policy";
import type { Role } from "./roles";

/** Maximum number of different denials to keep, by role, action and resource. */
const MAX_KEPT_DENIALS = 1000;

class Usage {
  readonly #grants = new Map<Statement, Tally[]>();
  readonly #denials = new Map<string, Denial>();

  constructor(roles: Iterable<Role>) {
    for (const role of roles) {
      for (const statement of role.statements) {
        if (statement.effect === "Allow") this.#grants.set(statement, talliesOf(role, statement));
      }
    }
  }

  allowed(statements: Statement[], action: string, resource: string) {
    for (const statement of statements) {
      for (const tally of this.#grants.get(statement) ?? []) {
        if (!tally.covers(action, resource)) continue;
        tally.used++;
        tally.actions.add(action);
      }
    }
  }

  denied(who: string, action: string, resource: string, reason: string) {
    const key = `${who} ${action} ${resource}`;
    const denial = this.#denials.get(key);
    if (denial !== undefined) denial.count++;
    else if (this.#denials.size < MAX_KEPT_DENIALS) this.#denials.set(key, { who, action, resource, reason, count: 1 });
  }

  report(): UsageReport {
    const grants = [...this.#grants.values()].flat().map(({ covers, actions, ...grant }) => ({
      ...grant,
      actionsUsed: /[*?]/.test(grant.action) ? [...actions].sort() : [],
    }));
    return { grants, denials: [...this.#denials.values()].map(denial => ({ ...denial })) };
  }
}

interface Tally extends Omit<Grant, "actionsUsed"> {
  actions: Set<string>;
  covers(action: string, resource: string): boolean;
}

const talliesOf = (role: Role, statement: Statement): Tally[] => {
  const { exceptActions, exceptResources } = statement;
  const anything = [{ text: "", matches: () => true }];
  return (exceptActions ? anything : statement.actions).flatMap(action =>
    (exceptResources ? anything : statement.resources).map(resource => ({
      role: role.declaredAs,
      policy: statement.policy,
      statement: statement.title,
      action: exceptActions ? `all but ${listOf(statement.actions)}` : action.text,
      resource: exceptResources ? `all but ${listOf(statement.resources)}` : resource.text,
      used: 0,
      actions: new Set<string>(),
      covers: (askedAction: string, askedResource: string) => action.matches(askedAction) && resource.matches(askedResource),
    })),
  );
};

const listOf = (patterns: Statement["actions"]) => patterns.map(({ text }) => text).join(", ");

export { Usage };
