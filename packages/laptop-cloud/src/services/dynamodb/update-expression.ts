import type { AttributeValue, Item } from "./attribute-value";
import { valueAt } from "./condition";

/**
 * Removes the parentheses around the first operand of a sum in a SET action: `a = (b) + (:c)` becomes `a = b + (:c)`.
 *
 * DynamoDB accepts them ("Update expressions", `operand` of SET); dynalite's parser accepts them elsewhere only.
 */
const openSums = (request: { UpdateExpression?: unknown }) => {
  if (typeof request.UpdateExpression !== "string") return;
  request.UpdateExpression = request.UpdateExpression.split("=").map(openFirstOperand).join("=");
};

/** Rewrites the text after an equals sign, if it is a sum that begins with parentheses. */
const openFirstOperand = (text: string): string => {
  const start = text.length - text.trimStart().length;
  if (text[start] !== "(") return text;
  const end = findClosing(text, start);
  if (end === undefined || !/^\s*[+-]/.test(text.slice(end + 1))) return text;
  return `${text.slice(0, start)} ${text.slice(start + 1, end)} ${text.slice(end + 1)}`;
};

/** The position of the parenthesis that closes the one at `start`. */
const findClosing = (text: string, start: number): number | undefined => {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === "(") depth++;
    if (text[index] === ")") depth--;
    if (depth === 0) return index;
  }
  return undefined;
};

type Path = (string | number)[];

/** A value of SET as dynalite's parser returns it. */
type Operand = Path | AttributeValue | { type: string; name?: string; args: Operand[] };

/** One change of an update expression, as dynalite's parser returns it. */
interface Section {
  type: "set" | "remove" | "add" | "delete";
  path: Path;
  val?: Operand;
}

interface Updating {
  _updates?: { sections: Section[] };
}

/**
 * Makes an update expression see the item as it is before the update, as on AWS.
 *
 * dynalite applies one change after the other: removed elements of a list move the later ones, and a copied value changes with its original.
 */
const applyToOriginal = <T extends object>(request: T & Updating, before: Item = {}): T => {
  const { _updates: updates } = request;
  if (updates === undefined) return request;
  const sections = updates.sections.map(section => (section.type === "set" ? { ...section, val: copy(section.val!, before) } : section));
  const isRemoval = ({ type, path }: Section) => type === "remove" && typeof path.at(-1) === "number";
  // A removal moves only what comes later in its list, and all that is inside of that.
  const removals = sections
    .filter(isRemoval)
    .sort((one, other) => other.path.length - one.path.length || Number(other.path.at(-1)) - Number(one.path.at(-1)));
  return { ...request, _updates: { ...updates, sections: [...sections.filter(section => !isRemoval(section)), ...removals] } };
};

/** Replaces paths by copies of their values. Paths without a value remain, for dynalite to refuse. */
const copy = (operand: Operand, item: Item): Operand => {
  if (Array.isArray(operand)) return structuredClone(valueAt(operand, item)) ?? operand;
  if (!("type" in operand)) return operand;
  const args = operand.args.map(arg => copy(arg, item));
  // dynalite expects a path as the first operand of this function.
  return operand.name === "if_not_exists" ? (Array.isArray(args[0]) ? { ...operand, args } : args[0]!) : { ...operand, args };
};

export { applyToOriginal, openSums };
