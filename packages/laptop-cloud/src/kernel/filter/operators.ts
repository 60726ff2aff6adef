import { BlockList, isIP } from "node:net";
import { isObject } from "../json";

/** Tells whether one scalar value of an event matches. */
type Test = (value: unknown) => boolean;

type OperatorName = "equals" | "prefix" | "suffix" | "equals-ignore-case" | "anything-but" | "numeric" | "cidr" | "wildcard" | "exists";

interface Bounds {
  maxComparedNumber: number;
  maxExactNumber: number;
}

type Fail = (reason: string) => Error;

/** Compiles one operator of a pattern ("Comparison operators for use in event patterns"). Throws the error from `fail`. */
const compileOperator = (name: OperatorName, operand: unknown, bounds: Bounds, fail: Fail): Test => {
  switch (name) {
    case "equals":
      verifyNumber(operand, bounds.maxExactNumber, fail);
      return value => value === operand;
    case "anything-but":
      return compileAnythingBut(operand, bounds, fail);
    case "numeric":
      return compileNumeric(operand, bounds, fail);
    case "cidr":
      return compileCidr(operand, fail);
    case "wildcard":
      return compileWildcard(operand, fail);
    default:
      return compileText(name, operand, fail);
  }
};

const textOperators: Record<string, (value: string, wanted: string) => boolean> = {
  prefix: (value, wanted) => value.startsWith(wanted),
  suffix: (value, wanted) => value.endsWith(wanted),
  "equals-ignore-case": (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
};

const compileText = (name: string, operand: unknown, fail: Fail): Test => {
  if (!Object.hasOwn(textOperators, name)) throw fail(`Unrecognized match type ${name}`);
  if (typeof operand !== "string") throw fail(`${name} match pattern must be a string`);
  const matches = textOperators[name]!;
  return value => typeof value === "string" && matches(value, operand);
};

/** A list in an event matches if one of its values is not excluded. */
const compileAnythingBut = (operand: unknown, { maxExactNumber }: Bounds, fail: Fail): Test => {
  if (isObject(operand)) {
    const [entry, ...more] = Object.entries(operand);
    if (entry === undefined || more.length > 0) throw fail(`anything-but must have one of ${Object.keys(textOperators).join(", ")}`);
    const isExcluded = compileText(...entry, fail);
    return value => !isExcluded(value);
  }
  const excluded: unknown[] = [operand].flat();
  if (excluded.length === 0 || !excluded.every(value => typeof value === "string" || typeof value === "number"))
    throw fail("anything-but must be a string, a number, or a list of them");
  for (const value of excluded) verifyNumber(value, maxExactNumber, fail);
  return value => !excluded.includes(value as string | number);
};

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** One comparison, `[">", 0]`, or a range, `[">", 0, "<=", 5]`. */
const compileNumeric = (operand: unknown, bounds: Bounds, fail: Fail): Test => {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) throw fail("numeric must have one comparison or a range");
  const [operator, bound, upperOperator, upperBound] = operand as unknown[];
  const lower = compileComparison(operator, bound, bounds, fail);
  if (operand.length === 2) return lower;
  if (!String(operator).startsWith(">") || !String(upperOperator).startsWith("<") || (bound as number) >= (upperBound as number))
    throw fail("Bottom must be less than top");
  const upper = compileComparison(upperOperator, upperBound, bounds, fail);
  return value => lower(value) && upper(value);
};

const compileComparison = (operator: unknown, bound: unknown, { maxComparedNumber }: Bounds, fail: Fail): Test => {
  if (typeof operator !== "string" || !Object.hasOwn(comparisons, operator)) throw fail(`Unrecognized numeric range operator: ${operator}`);
  if (typeof bound !== "number") throw fail(`Value of ${operator} must be numeric`);
  verifyNumber(bound, maxComparedNumber, fail);
  const compare = comparisons[operator]!;
  return value => typeof value === "number" && compare(value, bound);
};

const compileCidr = (operand: unknown, fail: Fail): Test => {
  const [address = "", bits = "", ...more] = typeof operand === "string" ? operand.split("/") : [];
  const family = familyOf(address);
  const maxBits = family === "ipv6" ? 128 : 32;
  if (family === undefined || !/^\d+$/.test(bits) || Number(bits) > maxBits || more.length > 0) throw fail(`Malformed CIDR, ${operand}`);
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family);
  return value => {
    const valueFamily = typeof value === "string" ? familyOf(value) : undefined;
    return valueFamily !== undefined && range.check(value as string, valueFamily);
  };
};

/** `*` stands for any characters; a backslash makes `*` or a backslash an ordinary character. */
const compileWildcard = (operand: unknown, fail: Fail): Test => {
  if (typeof operand !== "string") throw fail("wildcard match pattern must be a string");
  const parts = operand.match(/\\.|[^\\]|\\$/gsu) ?? [];
  if (parts.some((part, index) => part === "*" && parts[index + 1] === "*")) throw fail("Consecutive wildcard characters");
  if (parts.some(part => part.startsWith("\\") && part !== "\\*" && part !== "\\\\")) throw fail("Invalid escape character");
  const source = parts.map(part => (part === "*" ? ".*" : part.at(-1)!.replace(/[$()*+./?[\\\]^{|}-]/, "\\$&")));
  const pattern = new RegExp(`^${source.join("")}$`, "s");
  return value => typeof value === "string" && pattern.test(value);
};

const familyOf = (address: string) => ({ 4: "ipv4" as const, 6: "ipv6" as const })[isIP(address)];

const verifyNumber = (value: unknown, max: number, fail: Fail) => {
  if (typeof value === "number" && Math.abs(value) > max) throw fail(`Numeric values must be between -${max} and ${max}`);
};

const isScalar = (value: unknown): value is string | number | boolean | null =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

export type { OperatorName, Test };
export { compileOperator, isScalar };
