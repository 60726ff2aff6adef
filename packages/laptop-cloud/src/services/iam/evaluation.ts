import type { Condition } from "./condition";
import type { Context } from "./context";
import type { Statement } from "./policy";
import type { Identity } from "./principal";

/** How a set of statements evaluates one request. */
interface Verdict {
  allows: Statement[];
  /** Whether a statement allows it to the account, whose identities still need their own policy. */
  delegates: boolean;
  /** The first that denies it. */
  denial?: Statement;
  /** The first that would allow it if its condition were met. */
  nearMiss?: { statement: Statement; condition: Condition };
}

/** `identity` is needed for resource policies and trust policies, whose statements name principals. */
const evaluate = (statements: Statement[], action: string, resource: string, context: Context, identity?: Identity): Verdict => {
  const verdict: Verdict = { allows: [], delegates: false };
  for (const statement of statements) {
    if (!covers(statement.actions, statement.exceptActions, action)) continue;
    if (!covers(statement.resources, statement.exceptResources, resource)) continue;
    const match = identity === undefined ? "named" : statement.principals?.match(identity);
    if (match === undefined) continue;
    const unmet = statement.conditions.find(condition => !condition.isMet(context));
    if (match === "account" && statement.effect === "Allow") verdict.delegates ||= unmet === undefined;
    else if (unmet !== undefined) {
      if (statement.effect === "Allow") verdict.nearMiss ??= { statement, condition: unmet };
    } else if (statement.effect === "Allow") verdict.allows.push(statement);
    else verdict.denial ??= statement;
  }
  return verdict;
};

const covers = (patterns: Statement["actions"], except: boolean, value: string) =>
  patterns.length === 0 || patterns.some(pattern => pattern.matches(value)) !== except;

export type { Verdict };
export { evaluate };
