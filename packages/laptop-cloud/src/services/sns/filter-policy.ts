import { BlockList, isIP } from "node:net";
import { isObject } from "../../kernel/json";
import { invalidParameter } from "./errors";

type FilterPolicyScope = "MessageAttributes" | "MessageBody";

/** Whether a message, as a tree of JSON values, is let through. */
type Filter = (message: unknown) => boolean;

/** One rule of a key's list: on whether the key is there at all, or on one of its values. */
type Condition = { isThere: boolean } | { test(value: unknown): boolean };

/** Amazon SNS developer guide, "Filter policy constraints". */
const mostKeys = 5;
const mostCombinations = 150;
const largestNumber = 1e9;
const largestPolicyBytes = 256 * 1024;

/**
 * Makes the filter that a filter policy asks for: exact strings, numbers, booleans and null, prefix, suffix, equals-ignore-case,
 * anything-but, numeric, cidr, exists, and `$or`.
 *
 * Behaves as "Amazon SNS subscription filter policies". Throws `AwsError` InvalidParameter that says what is wrong with it.
 */
const parseFilterPolicy = (text: string, scope: FilterPolicyScope): Filter => {
  if (Buffer.byteLength(text) > largestPolicyBytes) throw refusal(`the policy has more than ${largestPolicyBytes} bytes`);
  const policy = parseJson(text);
  if (!isObject(policy)) throw refusal("the policy is not a JSON object");
  const paths = new Set<string>();
  const combinations = measure(policy, scope, "", 1, paths);
  if (paths.size > mostKeys) throw refusal(`Filter policy can not have more than ${mostKeys} keys`);
  if (combinations > mostCombinations) throw refusal("Filter policy is too complex");
  return compile(policy);
};

/** Collects the paths of keys with conditions, and returns the number of combinations (values times depth, multiplied over keys). */
const measure = (policy: Record<string, unknown>, scope: FilterPolicyScope, path: string, depth: number, paths: Set<string>): number => {
  let combinations = 1;
  for (const [key, rule] of Object.entries(policy)) {
    if (isChoice(key, rule)) {
      combinations *= rule.reduce((sum: number, branch) => sum + measure(branch, scope, path, depth, paths), 0);
    } else if (Array.isArray(rule)) {
      if (rule.length === 0) throw refusal("Empty arrays are not allowed");
      paths.add(`${path}/${key}`);
      combinations *= rule.length * depth;
    } else if (isObject(rule)) {
      if (scope === "MessageAttributes") throw refusal("Filter policy scope MessageAttributes does not support nested filter policy");
      if (Object.keys(rule).length === 0) throw refusal("Empty objects are not allowed");
      combinations *= measure(rule, scope, `${path}/${key}`, depth + 1, paths);
    } else throw refusal(`"${key}" must be an object or an array`);
  }
  return combinations;
};

const compile = (policy: Record<string, unknown>): Filter => {
  const parts = Object.entries(policy).map(([key, rule]) => {
    if (isChoice(key, rule)) return compileChoice(rule);
    return Array.isArray(rule) ? compileConditions(key, rule) : compileNested(key, rule as Record<string, unknown>);
  });
  return message => parts.every(matches => matches(message));
};

const compileChoice = (branches: Record<string, unknown>[]): Filter => {
  const filters = branches.map(compile);
  return message => filters.some(matches => matches(message));
};

const compileConditions = (key: string, rules: unknown[]): Filter => {
  const conditions = rules.map(compileCondition);
  return message => {
    const values = leavesOf(message, key);
    return conditions.some(condition => ("isThere" in condition ? condition.isThere === values.length > 0 : values.some(condition.test)));
  };
};

/** In a list of objects, one of them must satisfy the whole rule. */
const compileNested = (key: string, rule: Record<string, unknown>): Filter => {
  const matches = compile(rule);
  return message => {
    const child = isObject(message) && Object.hasOwn(message, key) ? message[key] : undefined;
    return Array.isArray(child) ? child.flat(Number.POSITIVE_INFINITY).some(matches) : matches(child);
  };
};

/** The single values under a key: its own, or those of its list. An object has none. */
const leavesOf = (message: unknown, key: string): unknown[] => {
  if (!isObject(message) || !Object.hasOwn(message, key)) return [];
  return [message[key]].flat(Number.POSITIVE_INFINITY).filter(value => !isObject(value));
};

const compileCondition = (rule: unknown): Condition => {
  if (isScalar(rule)) {
    checkNumber(rule);
    return { test: value => value === rule };
  }
  const [entry, ...more] = isObject(rule) ? Object.entries(rule) : [];
  if (entry === undefined || more.length > 0)
    throw refusal("Match value must be String, number, true, false, null, or an object with one key");
  return compileMatcher(...entry);
};

const compileMatcher = (type: string, operand: unknown): Condition => {
  switch (type) {
    case "exists":
      if (typeof operand !== "boolean") throw refusal("exists match pattern must be either true or false.");
      return { isThere: operand };
    case "anything-but":
      return { test: compileAnythingBut(operand) };
    case "numeric":
      return { test: compileNumeric(operand) };
    case "cidr":
      return { test: compileCidr(operand) };
    default:
      return { test: compileText(type, operand) };
  }
};

type Test = (value: unknown) => boolean;

const compileText = (type: string, operand: unknown): Test => {
  if (typeof operand !== "string") throw refusal(isTextType(type) ? `${type} match pattern must be a string` : unrecognized(type));
  switch (type) {
    case "prefix":
      return value => typeof value === "string" && value.startsWith(operand);
    case "suffix":
      return value => typeof value === "string" && value.endsWith(operand);
    case "equals-ignore-case":
      return value => typeof value === "string" && value.toLowerCase() === operand.toLowerCase();
    default:
      throw refusal(unrecognized(type));
  }
};

const isTextType = (type: string) => ["prefix", "suffix", "equals-ignore-case"].includes(type);

const unrecognized = (type: string) => `Unrecognized match type ${type}`;

/** Some value of a list that is none of these is enough, as with the other rules. */
const compileAnythingBut = (operand: unknown): Test => {
  if (isObject(operand)) {
    const [entry, ...more] = Object.entries(operand);
    if (entry === undefined || more.length > 0) throw refusal("anything-but wants one prefix, suffix or equals-ignore-case");
    const isExcluded = compileText(...entry);
    return value => !isExcluded(value);
  }
  const excluded = [operand].flat();
  if (excluded.length === 0 || !excluded.every(value => typeof value === "string" || typeof value === "number"))
    throw refusal("anything-but wants a string, a number, or a list of them");
  excluded.forEach(checkNumber);
  return value => !excluded.includes(value as string | number);
};

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

const compileNumeric = (operand: unknown): Test => {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) throw refusal("numeric wants one comparison or a range");
  const [operator, bound, otherOperator, otherBound] = operand as unknown[];
  const first = compileComparison(operator, bound);
  if (operand.length === 2) return first;
  if (!String(operator).startsWith(">") || !String(otherOperator).startsWith("<") || (bound as number) >= (otherBound as number))
    throw refusal("Bottom must be less than top");
  const second = compileComparison(otherOperator, otherBound);
  return value => first(value) && second(value);
};

const compileComparison = (operator: unknown, bound: unknown): Test => {
  if (typeof operator !== "string" || !Object.hasOwn(comparisons, operator))
    throw refusal(`Unrecognized numeric range operator: ${operator}`);
  if (typeof bound !== "number") throw refusal(`Value of ${operator} must be numeric`);
  checkNumber(bound);
  const compare = comparisons[operator]!;
  return value => typeof value === "number" && compare(value, bound);
};

const compileCidr = (operand: unknown): Test => {
  const [address = "", bits = "", ...more] = typeof operand === "string" ? operand.split("/") : [];
  const family = familyOf(address);
  const most = family === "ipv6" ? 128 : 32;
  if (family === undefined || !/^\d+$/.test(bits) || Number(bits) > most || more.length > 0) throw refusal(`Malformed CIDR, ${operand}`);
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family);
  return value => {
    const kind = typeof value === "string" ? familyOf(value) : undefined;
    return kind !== undefined && range.check(value as string, kind);
  };
};

const familyOf = (address: string) => ({ 4: "ipv4" as const, 6: "ipv6" as const })[isIP(address)];

const checkNumber = (value: unknown) => {
  if (typeof value === "number" && Math.abs(value) > largestNumber)
    throw refusal(`Numeric values must be between -${largestNumber} and ${largestNumber}`);
};

const isScalar = (value: unknown): value is string | number | boolean | null =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

/** `$or` over at least two objects is a choice; otherwise it is a key like any other. */
const isChoice = (key: string, rule: unknown): rule is Record<string, unknown>[] =>
  key === "$or" && Array.isArray(rule) && rule.length >= 2 && rule.every(isObject) && !rule.some(isMatcher);

const isMatcher = (branch: Record<string, unknown>) => {
  const [only, ...more] = Object.keys(branch);
  return more.length === 0 && only !== undefined && (isTextType(only) || ["exists", "anything-but", "numeric", "cidr"].includes(only));
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal("failed to parse JSON");
  }
};

const refusal = (reason: string) => invalidParameter(`FilterPolicy: ${reason}`);

export type { Filter, FilterPolicyScope };
export { parseFilterPolicy };
