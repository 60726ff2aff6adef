import db from "dynalite/db";
import { validationError } from "./action";
import type { AttributeValue, Item } from "./attribute-value";

/** A condition or filter as dynalite's parser returns it. */
interface Expression {
  /** "and", "or", "not", "between", "in", a comparison sign, or "function". */
  type: string;
  /** The function's name. */
  name?: string;
  args: Operand[];
}

/** A path into the item, a value, or another expression. */
type Operand = (string | number)[] | AttributeValue | Expression;

/** The fields in which dynalite's validations store parsed conditions and filters. */
interface Parsed {
  expression: Expression;
}

type Test = (left: AttributeValue | undefined, ...others: (AttributeValue | undefined)[]) => boolean;

/**
 * Whether a condition or filter holds for an item (Developer Guide, "Condition and filter expressions").
 *
 * dynalite's own evaluation treats all lists and maps as unequal, and false and "" as missing.
 */
const holds = (expression: Expression, item: Item): boolean => {
  const { type, name, args } = expression;
  if (type === "and") return args.every(arg => holds(arg as Expression, item));
  if (type === "or") return args.some(arg => holds(arg as Expression, item));
  if (type === "not") return !holds(args[0] as Expression, item);
  const test = tests[type === "function" ? name! : type];
  if (test === undefined) throw new Error(`dynalite's parser made an expression of the unknown type ${type} ${name ?? ""}.`);
  const [left, ...others] = args.map(arg => evaluate(arg, item));
  return test(left, ...others);
};

// No attribute has an empty name.
const always: Expression = { type: "function", name: "attribute_not_exists", args: [[""]] };
const never: Expression = { type: "function", name: "attribute_exists", args: [[""]] };

/** Replaces the condition by its result for the current item, so that dynalite's action checks it in its own order. */
const decide = <T extends object>(request: T & { _condition?: Parsed }, item: Item | undefined): T => {
  const { _condition: condition } = request;
  return condition === undefined
    ? request
    : { ...request, _condition: { ...condition, expression: holds(condition.expression, item ?? {}) ? always : never } };
};

/** The most operands of IN (Developer Guide, "Condition and filter expressions"). */
const MAX_IN_OPERANDS = 100;

/** Throws ValidationException. */
const refuseManyOperands = (request: { _condition?: Parsed; _filter?: Parsed }) => {
  for (const [name, parsed] of [["ConditionExpression", request._condition] as const, ["FilterExpression", request._filter] as const]) {
    const most = parsed === undefined ? 0 : countInOperands(parsed.expression);
    if (most > MAX_IN_OPERANDS)
      throw validationError(`Invalid ${name}: The IN operator is provided with too many operands; number of operands: ${most}`);
  }
};

/** The operands of the longest IN. */
const countInOperands = ({ type, args }: Expression): number => {
  if (type === "in") return args.length - 1;
  return ["and", "or", "not"].includes(type) ? Math.max(...args.map(arg => countInOperands(arg as Expression))) : 0;
};

/** The request without its filter. */
const unfiltered = <T extends object>(request: T & { _filter?: Parsed }): T => {
  const { _filter: filter } = request;
  return filter === undefined ? request : { ...request, _filter: { ...filter, expression: always } };
};

const evaluate = (operand: Operand, item: Item): AttributeValue | undefined => {
  if (Array.isArray(operand)) return valueAt(operand, item);
  if (!("type" in operand)) return operand;
  const sizeOfValue = sizeOf(evaluate(operand.args[0]!, item));
  return sizeOfValue === undefined ? undefined : { N: String(sizeOfValue) };
};

const valueAt = (path: (string | number)[], item: Item): AttributeValue | undefined =>
  path.reduce<AttributeValue | undefined>(
    (value, step) => (typeof step === "number" ? value?.L?.[step] : value?.M && Object.hasOwn(value.M, step) ? value.M[step] : undefined),
    { M: item },
  );

/** The result of the function `size`: characters, bytes or members. */
const sizeOf = (value: AttributeValue | undefined): number | undefined => {
  if (value?.B !== undefined) return Buffer.byteLength(value.B, "base64");
  if (value?.M !== undefined) return Object.keys(value.M).length;
  return (value?.S ?? value?.SS ?? value?.NS ?? value?.BS ?? value?.L)?.length;
};

const tests: Record<string, Test> = {
  "=": (a, b) => isEqual(a, b),
  "<>": (a, b) => !isEqual(a, b),
  "<": (a, b) => compare(a, b) < 0,
  "<=": (a, b) => compare(a, b) <= 0,
  ">": (a, b) => compare(a, b) > 0,
  ">=": (a, b) => compare(a, b) >= 0,
  between: (a, low, high) => compare(a, low) >= 0 && compare(a, high) <= 0,
  in: (a, ...others) => others.some(other => isEqual(a, other)),
  attribute_exists: a => a !== undefined,
  attribute_not_exists: a => a === undefined,
  attribute_type: (a, type) => a !== undefined && typeOfValue(a) === type?.S,
  begins_with: (a, prefix) => beginsWith(a, prefix),
  contains: (a, part) => contains(a, part),
};

const typeOfValue = (value: AttributeValue) => Object.keys(value)[0] as keyof AttributeValue;

const isEqual = (a: AttributeValue | undefined, b: AttributeValue | undefined): boolean => {
  if (a === undefined || b === undefined) return false;
  const type = typeOfValue(a);
  if (type !== typeOfValue(b)) return false;
  if (a.L && b.L) return a.L.length === b.L.length && a.L.every((element, index) => isEqual(element, b.L![index]));
  if (a.M && b.M)
    return haveSameMembers(Object.keys(a.M), Object.keys(b.M)) && Object.keys(a.M).every(key => isEqual(a.M![key], b.M![key]));
  const [left, right] = [a[type], b[type]];
  return Array.isArray(left) ? haveSameMembers(left, right as unknown[]) : left === right;
};

const haveSameMembers = (a: unknown[], b: unknown[]) => a.length === b.length && a.every(member => b.includes(member));

/** Negative, 0 or positive; NaN for values that can't be compared. */
const compare = (a: AttributeValue | undefined, b: AttributeValue | undefined): number => {
  if (a?.S !== undefined && b?.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a?.B !== undefined && b?.B !== undefined) return Buffer.compare(Buffer.from(a.B, "base64"), Buffer.from(b.B, "base64"));
  if (a?.N === undefined || b?.N === undefined) return Number.NaN;
  const [left, right] = [db.toLexiStr(a.N, "N"), db.toLexiStr(b.N, "N")];
  return left < right ? -1 : left > right ? 1 : 0;
};

const beginsWith = (a: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean => {
  if (a?.S !== undefined && prefix?.S !== undefined) return a.S.startsWith(prefix.S);
  if (a?.B === undefined || prefix?.B === undefined) return false;
  const start = Buffer.from(prefix.B, "base64");
  return Buffer.from(a.B, "base64").subarray(0, start.length).equals(start);
};

const contains = (a: AttributeValue | undefined, part: AttributeValue | undefined): boolean => {
  if (a === undefined || part === undefined) return false;
  if (a.L !== undefined) return a.L.some(element => isEqual(element, part));
  if (part.S !== undefined) return (a.S ?? a.SS)?.includes(part.S) ?? false;
  if (part.N !== undefined) return a.NS?.includes(part.N) ?? false;
  if (part.B === undefined) return false;
  return a.B !== undefined ? Buffer.from(a.B, "base64").includes(Buffer.from(part.B, "base64")) : (a.BS?.includes(part.B) ?? false);
};

export type { Parsed };
export { decide, holds, isEqual, refuseManyOperands, unfiltered, valueAt };
