import type { PolicyStatement } from "../../kernel/service";
import { type Context, isKnownKey } from "./context";
import { compileArn, compileGlob, PolicyError } from "./pattern";

interface Condition {
  /** As written, `StringEquals sns:Protocol`, for messages about unmet conditions. */
  operator: string;
  key: string;
  isMet(context: Context): boolean;
}

/** Whether a value of the request matches. Compiled from a value of the policy. */
type Comparison = (wanted: string) => (found: string) => boolean;

/** IAM JSON policy elements: Condition operators. Negated operators are listed below. */
const comparisons: Record<string, Comparison> = {
  StringEquals: wanted => found => found === wanted,
  StringEqualsIgnoreCase: wanted => found => found.toLowerCase() === wanted.toLowerCase(),
  StringLike: wanted => compileGlob(wanted).matches,
  ArnEquals: wanted => compileArn(wanted).matches,
  ArnLike: wanted => compileArn(wanted).matches,
  Bool: wanted => found => found.toLowerCase() === wanted.toLowerCase(),
  ...compared("Numeric", Number),
  ...compared("Date", instantOf),
};

const negations: Record<string, string> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
};

/** Throws `PolicyError` for operators and keys that are not imitated. */
const compileConditions = (block: PolicyStatement["Condition"] = {}): Condition[] =>
  Object.entries(block).flatMap(([operator, keys]) => Object.entries(keys).map(([key, value]) => compileCondition(operator, key, value)));

const compileCondition = (operator: string, key: string, value: string | string[] | boolean | number): Condition => {
  if (!isKnownKey(key)) throw new PolicyError(`The condition key ${key} is not imitated.`);
  const wanted = [value].flat().map(String);
  return { operator, key, isMet: compileTest(operator, key.toLowerCase(), wanted) };
};

const compileTest = (operator: string, key: string, wanted: string[]): Condition["isMet"] => {
  const [, set, name, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator)!;
  if (name === "Null") return context => wanted.includes(String(isAbsent(context.get(key))));

  const negated = Object.hasOwn(negations, name!);
  const positive = negated ? negations[name!]! : name!;
  if (!Object.hasOwn(comparisons, positive)) throw new PolicyError(`The condition operator ${operator} is not imitated.`);
  const tests = wanted.map(comparisons[positive]!);
  const fits = (found: string) => tests.some(test => test(found)) !== negated;

  return context => {
    const found = context.get(key);
    // A missing key does not match, unless the operator has IfExists or ForAllValues, or is negated.
    if (isAbsent(found)) return ifExists !== undefined || set === "ForAllValues" || (negated && set === undefined);
    // Without a set operator, a negated operator must hold for all values, and any other for at least one.
    const every = set === "ForAllValues" || (set === undefined && negated);
    return every ? found.every(fits) : found.some(fits);
  };
};

const isAbsent = (found: readonly string[] | undefined): found is undefined | readonly [] => found === undefined || found.length === 0;

/** The five comparisons of numbers or dates. A value that can't be parsed matches nothing. */
function compared(kind: string, read: (text: string) => number): Record<string, Comparison> {
  const by =
    (holds: (found: number, wanted: number) => boolean): Comparison =>
    wanted => {
      const limit = read(wanted);
      if (Number.isNaN(limit)) throw new PolicyError(`${JSON.stringify(wanted)} is not a value for a ${kind} condition.`);
      return found => holds(read(found), limit);
    };
  return {
    [`${kind}Equals`]: by((found, wanted) => found === wanted),
    [`${kind}LessThan`]: by((found, wanted) => found < wanted),
    [`${kind}LessThanEquals`]: by((found, wanted) => found <= wanted),
    [`${kind}GreaterThan`]: by((found, wanted) => found > wanted),
    [`${kind}GreaterThanEquals`]: by((found, wanted) => found >= wanted),
  };
}

/** ISO 8601, or seconds since the epoch. */
function instantOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

export type { Condition };
export { compileConditions };
