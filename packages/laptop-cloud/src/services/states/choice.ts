import { type Data, evaluate, PathNotFound } from "./expression";
import { runtimeFailure } from "./failure";
import type { Json, JsonObject } from "./json";

type Comparison = (value: Json, expected: Json) => boolean;

const ordered =
  <T extends string | number>(
    is: (value: Json) => value is T,
    holds: (order: number) => boolean,
    rank: (value: T) => number | string,
  ): Comparison =>
  (value, expected) => {
    if (!is(value) || !is(expected)) return false;
    const [a, b] = [rank(value), rank(expected)];
    return holds(a < b ? -1 : a > b ? 1 : 0);
  };

const isString = (value: Json): value is string => typeof value === "string";
const isNumber = (value: Json): value is number => typeof value === "number";

/** A timestamp in the Amazon States Language: RFC 3339 with an upper-case T and Z. */
const isTimestamp = (value: Json): value is string =>
  isString(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));

const orders: Record<string, (order: number) => boolean> = {
  Equals: order => order === 0,
  LessThan: order => order < 0,
  GreaterThan: order => order > 0,
  LessThanEquals: order => order <= 0,
  GreaterThanEquals: order => order >= 0,
};

/** Comparisons by name. Each but `StringMatches` also exists with the suffix `Path`. */
const comparisons: Record<string, Comparison> = {
  BooleanEquals: (value, expected) => typeof value === "boolean" && value === expected,
  StringMatches: (value, pattern) => isString(value) && isString(pattern) && toRegExp(pattern).test(value),
};
for (const [name, holds] of Object.entries(orders)) {
  comparisons[`String${name}`] = ordered(isString, holds, text => text);
  comparisons[`Numeric${name}`] = ordered(isNumber, holds, number => number);
  comparisons[`Timestamp${name}`] = ordered(isTimestamp, holds, text => Date.parse(text));
}

/** Type tests: the result must equal the expected boolean. */
const typeTests: Record<string, (value: Json) => boolean> = {
  IsBoolean: value => typeof value === "boolean",
  IsNull: value => value === null,
  IsNumeric: isNumber,
  IsString: isString,
  IsTimestamp: isTimestamp,
};

/** Operators of a choice rule, except And, Or and Not. */
const choiceOperators = [
  ...Object.keys(comparisons),
  ...Object.keys(comparisons)
    .filter(name => name !== "StringMatches")
    .map(name => `${name}Path`),
  ...Object.keys(typeTests),
  "IsPresent",
];

/** Evaluates a choice rule. Throws `Failure` States.Runtime for a missing variable. */
const holds = (rule: JsonObject, data: Data): boolean => {
  if (Array.isArray(rule["And"])) return rule["And"].every(inner => holds(inner as JsonObject, data));
  if (Array.isArray(rule["Or"])) return rule["Or"].some(inner => holds(inner as JsonObject, data));
  if (rule["Not"] !== undefined) return !holds(rule["Not"] as JsonObject, data);
  const operator = Object.keys(rule).find(key => choiceOperators.includes(key))!;
  const expected = rule[operator]!;
  if (operator === "IsPresent") return (read(rule["Variable"], data) !== undefined) === expected;
  const value = mustRead(rule["Variable"], data);
  if (operator in typeTests) return typeTests[operator]!(value) === expected;
  if (operator in comparisons) return comparisons[operator]!(value, expected);
  return comparisons[operator.slice(0, -"Path".length)]!(value, mustRead(expected, data));
};

const read = (path: Json | undefined, data: Data): Json | undefined => {
  try {
    return evaluate(String(path), data);
  } catch (error) {
    if (error instanceof PathNotFound) return undefined;
    throw error;
  }
};

const mustRead = (path: Json | undefined, data: Data): Json => {
  const value = read(path, data);
  if (value === undefined) throw runtimeFailure(`Invalid path '${path}': the choice state's condition path references an invalid value.`);
  return value;
};

/** `*` matches any text, `\*` a literal asterisk. */
const toRegExp = (pattern: string) => {
  const source = pattern.replace(/\\([\\*])|[.*+?^${}()|[\]\\]/g, (character, escaped?: string) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return character === "*" ? ".*" : `\\${character}`;
  });
  return new RegExp(`^${source}$`, "s");
};

export { choiceOperators, holds, isTimestamp };
