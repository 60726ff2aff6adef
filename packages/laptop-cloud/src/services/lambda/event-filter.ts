import { isObject } from "../../kernel/json";

/** Whether a record passes. */
type Filter = (record: unknown) => boolean;

/** A pattern that is not taken: says which part and why. */
class PatternError extends Error {
  override name = "PatternError";
}

/** What a pattern is called in errors. */
const WHOLE = "the filter pattern";

/**
 * Compiles one pattern of `filterCriteria` ("Control which events Lambda sends to your function", filter rule syntax).
 *
 * Known: exact values, `prefix`, `suffix`, `equals-ignore-case`, `anything-but`, `numeric`, `exists`, and `$or`. Throws `PatternError` for others, by name.
 */
const compileEventFilter = (pattern: string): Filter => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(pattern);
  } catch {
    throw new PatternError(`the filter pattern ${pattern} is not JSON`);
  }
  if (!isObject(parsed)) throw new PatternError(`${WHOLE} is ${pattern}: want an object`);
  return compileNode(parsed, WHOLE);
};

const compileNode = (node: unknown, path: string): Filter => {
  if (Array.isArray(node)) return compileAnyOf(node, path);
  if (!isObject(node)) throw new PatternError(`${path} is ${JSON.stringify(node)}: want an object, or a list of what is taken`);
  // Only the whole pattern may be empty: it lets everything through.
  if (Object.keys(node).length === 0 && path !== WHOLE) throw new PatternError(`${path} is {}: want at least one key`);
  const tests = Object.entries(node).map(([key, inner]): Filter => {
    if (key !== "$or") {
      const test = compileNode(inner, `${path}.${key}`);
      return value => test(isObject(value) ? value[key] : undefined);
    }
    if (!Array.isArray(inner) || inner.length < 2 || !inner.every(isObject))
      throw new PatternError(`${path}.$or is ${JSON.stringify(inner)}: want a list of two patterns or more`);
    const branches = inner.map((branch, index) => compileNode(branch, `${path}.$or[${index}]`));
    return value => branches.some(branch => branch(value));
  });
  return value => tests.every(test => test(value));
};

const compileAnyOf = (rules: unknown[], path: string): Filter => {
  if (rules.length === 0) throw new PatternError(`${path} is []: want at least one value or rule`);
  const tests = rules.map(rule => compileRule(rule, path));
  return value => tests.some(test => test(value));
};

/** Lists in a record pass where one of their elements does. */
const onValue =
  (test: Filter): Filter =>
  value =>
    Array.isArray(value) ? value.some(test) : test(value);

const onText = (test: (text: string) => boolean): Filter => onValue(value => typeof value === "string" && test(value));

/** A rule that compares text with text. */
const textRule =
  (name: string, matches: (text: string, wanted: string) => boolean) =>
  (wanted: unknown, path: string): Filter => {
    if (typeof wanted !== "string") throw new PatternError(`${path} holds ${name} ${JSON.stringify(wanted)}: want a string`);
    return onText(text => matches(text, wanted));
  };

/** What `anything-but` may hold beside values. */
const excludedRules = ["prefix", "suffix", "equals-ignore-case"];

const compileExcluded = (wanted: object, path: string): Filter => {
  const names = Object.keys(wanted);
  if (names.length !== 1 || !excludedRules.includes(names[0]!))
    throw new PatternError(`${path} holds anything-but ${JSON.stringify(wanted)}: want one of ${excludedRules.join(", ")}`);
  return compileRule(wanted, path);
};

const excludedValues = (wanted: unknown, path: string): unknown[] => {
  const values = [wanted].flat();
  if (values.length === 0 || !values.every(value => typeof value === "string" || typeof value === "number"))
    throw new PatternError(`${path} holds anything-but ${JSON.stringify(wanted)}: want a string, a number, or a list of them`);
  return values;
};

const compileRule = (rule: unknown, path: string): Filter => {
  if (Array.isArray(rule)) throw new PatternError(`${path} holds ${JSON.stringify(rule)}: want a value or a rule, not a list`);
  if (!isObject(rule)) return onValue(value => value === rule);
  const [[name, wanted] = ["", undefined], ...others] = Object.entries(rule);
  if (others.length === 0 && Object.hasOwn(rules, name)) return rules[name]!(wanted, path);
  throw new PatternError(`${path} holds ${JSON.stringify(rule)}: the laptop cloud knows ${Object.keys(rules).join(", ")}`);
};

const rules: Record<string, (wanted: unknown, path: string) => Filter> = {
  prefix: textRule("prefix", (text, wanted) => text.startsWith(wanted)),
  suffix: textRule("suffix", (text, wanted) => text.endsWith(wanted)),
  "equals-ignore-case": textRule("equals-ignore-case", (text, wanted) => text.toLowerCase() === wanted.toLowerCase()),
  exists: (wanted, path) => {
    if (typeof wanted !== "boolean") throw new PatternError(`${path} holds exists ${JSON.stringify(wanted)}: want true or false`);
    return value => (value !== undefined) === wanted;
  },
  "anything-but": (wanted, path) => {
    const test = isObject(wanted) ? compileExcluded(wanted, path) : compileAnyOf(excludedValues(wanted, path), path);
    return value => value !== undefined && !test(value);
  },
  numeric: (wanted, path) => {
    const comparisons = compileComparisons(wanted, path);
    return onValue(value => typeof value === "number" && comparisons.every(compare => compare(value)));
  },
};

const operators: Record<string, (value: number, wanted: number) => boolean> = {
  "=": (value, wanted) => value === wanted,
  "<": (value, wanted) => value < wanted,
  "<=": (value, wanted) => value <= wanted,
  ">": (value, wanted) => value > wanted,
  ">=": (value, wanted) => value >= wanted,
};

/** `[">", 0, "<=", 5]` */
const compileComparisons = (wanted: unknown, path: string): ((value: number) => boolean)[] => {
  const refusal = (want: string) => new PatternError(`${path} holds numeric ${JSON.stringify(wanted)}: want ${want}`);
  const parts: unknown[] = Array.isArray(wanted) ? wanted : [];
  if (parts.length !== 2 && parts.length !== 4) throw refusal('one comparison, [">", 0], or a range, [">", 0, "<=", 5]');
  const [operator, bound, otherOperator, otherBound] = parts;
  const first = compileComparison(operator, bound, refusal);
  if (parts.length === 2) return [first];
  const second = compileComparison(otherOperator, otherBound, refusal);
  if (!String(operator).startsWith(">") || !String(otherOperator).startsWith("<") || (bound as number) >= (otherBound as number))
    throw refusal("the lower bound first, below the upper one");
  return [first, second];
};

/** EventBridge's bounds, which Lambda's filters share ("Comparison operators for use in event patterns", numeric matching). */
const LARGEST_NUMBER = 5e9;

const compileComparison = (operator: unknown, bound: unknown, refusal: (want: string) => PatternError) => {
  const compare = typeof operator === "string" && Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (compare === undefined) throw refusal(`one of ${Object.keys(operators).join(", ")}`);
  if (typeof bound !== "number" || Math.abs(bound) > LARGEST_NUMBER)
    throw refusal(`numbers between -${LARGEST_NUMBER} and ${LARGEST_NUMBER}`);
  return (value: number) => compare(value, bound);
};

export { compileEventFilter, PatternError };
