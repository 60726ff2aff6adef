import { isObject } from "../json";
import { compileOperator, isScalar, type OperatorName, type Test } from "./operators";

/** Tells whether an event matches. An event is a tree of JSON values. */
type Filter = (event: unknown) => boolean;

type Pattern = Record<string, unknown>;

/** The differences between the services that use patterns. */
interface Dialect {
  operators: readonly OperatorName[];
  /** Largest magnitude of a number in `numeric`. */
  maxComparedNumber: number;
  /** Largest magnitude of a number that is matched exactly. */
  maxExactNumber: number;
}

/** A pattern that AWS refuses. `path` is its position, such as "body.kind"; `reason` is in AWS's words if AWS says more than "invalid". */
class PatternError extends Error {
  override name = "PatternError";

  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path === "" ? "the pattern" : path}: ${reason}`);
  }
}

/**
 * Compiles an event pattern: keys whose rules must all match, lists of which one rule must match, nested objects, and `$or`.
 *
 * Behaves as "Amazon EventBridge event patterns", which SNS filter policies and Lambda's event filters share; differs: no operators
 * inside `prefix` and `suffix`. Throws `PatternError`.
 */
const compilePattern = (pattern: Pattern, dialect: Dialect): Filter => new PatternCompiler(dialect).compile(pattern, "");

/** One rule in a key's list: about whether the key has a value, or about one of its values. */
type Rule = { exists: boolean } | { test: Test };

class PatternCompiler {
  constructor(private readonly dialect: Dialect) {}

  compile(pattern: Pattern, path: string): Filter {
    const filters = Object.entries(pattern).map(([key, value]) => this.#compileKey(key, value, path === "" ? key : `${path}.${key}`));
    return event => filters.every(matches => matches(event));
  }

  #compileKey(key: string, value: unknown, path: string): Filter {
    if (isChoice(key, value)) return this.#compileChoice(value, path);
    if (Array.isArray(value)) return this.#compileRules(key, value, path);
    if (!isObject(value)) throw new PatternError(path, `"${key}" must be an object or an array`);
    if (Object.keys(value).length === 0) throw new PatternError(path, "Empty objects are not allowed");
    return this.#compileNested(key, value, path);
  }

  #compileChoice(branches: Pattern[], path: string): Filter {
    const filters = branches.map((branch, index) => this.compile(branch, `${path}[${index}]`));
    return event => filters.some(matches => matches(event));
  }

  /** In a list of objects, one object must match the whole nested pattern. */
  #compileNested(key: string, pattern: Pattern, path: string): Filter {
    const matches = this.compile(pattern, path);
    return event => {
      const child = childOf(event, key);
      return Array.isArray(child) ? child.flat(Number.POSITIVE_INFINITY).some(matches) : matches(child);
    };
  }

  #compileRules(key: string, list: unknown[], path: string): Filter {
    if (list.length === 0) throw new PatternError(path, "Empty arrays are not allowed");
    const rules = list.map(rule => this.#compileRule(rule, path));
    return event => {
      const leaves = leavesOf(childOf(event, key));
      return rules.some(rule => ("exists" in rule ? rule.exists === leaves.length > 0 : leaves.some(rule.test)));
    };
  }

  #compileRule(rule: unknown, path: string): Rule {
    const fail = (reason: string) => new PatternError(path, reason);
    if (isScalar(rule)) return { test: compileOperator("equals", rule, this.dialect, fail) };
    const [entry, ...more] = isObject(rule) ? Object.entries(rule) : [];
    if (entry === undefined || more.length > 0)
      throw fail("Match value must be String, number, true, false, null, or an object with one key");
    const [operator, operand] = entry;
    if (!this.dialect.operators.includes(operator as OperatorName)) throw fail(`Unrecognized match type ${operator}`);
    if (operator !== "exists") return { test: compileOperator(operator as OperatorName, operand, this.dialect, fail) };
    if (typeof operand !== "boolean") throw fail("exists match pattern must be either true or false.");
    return { exists: operand };
  }
}

/** `$or` over two or more patterns is a choice. Otherwise it is a key like any other. */
const isChoice = (key: string, value: unknown): value is Pattern[] =>
  key === "$or" && Array.isArray(value) && value.length >= 2 && value.every(isObject) && !value.some(isRule);

const ruleNames: readonly string[] = ["prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "cidr", "wildcard", "exists"];

const isRule = (branch: Pattern) => {
  const [name, ...more] = Object.keys(branch);
  return name !== undefined && more.length === 0 && ruleNames.includes(name);
};

const childOf = (event: unknown, key: string): unknown => (isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined);

/** The scalar values under a key: its own, or those of its list. Objects have none ("exists match only works on leaf nodes"). */
const leavesOf = (child: unknown): unknown[] =>
  [child].flat(Number.POSITIVE_INFINITY).filter(leaf => leaf !== undefined && !isObject(leaf));

export type { Dialect, Filter, Pattern };
export { compilePattern, isChoice, PatternError };
