import { isObject } from "../kernel/json";

/** Whether a record passes. */
type Filter = (record: unknown) => boolean;

/** A pattern that is not taken: says which part and why. */
class PatternError extends Error {
  override name = "PatternError";
}

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
  return compileNode(parsed, "the filter pattern");
};

const compileNode = (node: unknown, path: string): Filter => {
  if (Array.isArray(node)) return compileAnyOf(node, path);
  if (!isObject(node)) throw new PatternError(`${path} is ${JSON.stringify(node)}: want an object, or a list of what is taken`);
  const tests = Object.entries(node).map(([key, inner]): Filter => {
    if (key !== "$or") {
      const test = compileNode(inner, `${path}.${key}`);
      return value => test(isObject(value) ? value[key] : undefined);
    }
    if (!Array.isArray(inner)) throw new PatternError(`${path}.$or is ${JSON.stringify(inner)}: want a list of patterns`);
    const branches = inner.map((branch, index) => compileNode(branch, `${path}.$or[${index}]`));
    return value => branches.some(branch => branch(value));
  });
  return value => tests.every(test => test(value));
};

const compileAnyOf = (rules: unknown[], path: string): Filter => {
  const tests = rules.map(rule => compileRule(rule, path));
  return value => tests.some(test => test(value));
};

/** Lists in a record pass where one of their elements does. */
const onValue =
  (test: Filter): Filter =>
  value =>
    Array.isArray(value) ? value.some(test) : test(value);

const onText = (test: (text: string) => boolean): Filter => onValue(value => typeof value === "string" && test(value));

const compileRule = (rule: unknown, path: string): Filter => {
  if (!isObject(rule)) return onValue(value => value === rule);
  const [[name, wanted] = ["", undefined], ...others] = Object.entries(rule);
  if (others.length === 0 && Object.hasOwn(rules, name)) return rules[name]!(wanted, path);
  throw new PatternError(`${path} holds ${JSON.stringify(rule)}: the laptop cloud knows ${Object.keys(rules).join(", ")}`);
};

const rules: Record<string, (wanted: unknown, path: string) => Filter> = {
  prefix: wanted => onText(text => text.startsWith(String(wanted))),
  suffix: wanted => onText(text => text.endsWith(String(wanted))),
  "equals-ignore-case": wanted => onText(text => text.toLowerCase() === String(wanted).toLowerCase()),
  exists: wanted => value => (value !== undefined) === wanted,
  "anything-but": (wanted, path) => {
    const test = isObject(wanted) ? compileRule(wanted, path) : compileAnyOf([wanted].flat(), path);
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
  const parts = Array.isArray(wanted) ? wanted : [];
  const comparisons = [];
  for (let index = 0; index < parts.length; index += 2) {
    const compare = operators[String(parts[index])];
    const limit: unknown = parts[index + 1];
    if (compare === undefined || typeof limit !== "number") throw new PatternError(`${path} holds numeric ${JSON.stringify(wanted)}`);
    comparisons.push((value: number) => compare(value, limit));
  }
  return comparisons;
};

export { compileEventFilter, PatternError };
