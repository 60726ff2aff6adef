/**
 * Makes dynalite's parsers remember expressions. Programs send the same expressions again and again with different values, and parsing took a large
 * part of each request's time.
 */
import conditionParser from "dynalite/db/conditionParser";
import projectionParser from "dynalite/db/projectionParser";
import updateParser from "dynalite/db/updateParser";
import type { AttributeValue } from "./attribute-value";

/** What a parser reads besides the expression. It deletes the names and values that the expression uses from the two `unused...` objects. */
interface Context {
  attrNames?: Record<string, string>;
  attrVals?: Record<string, AttributeValue>;
  unusedAttrNames: Record<string, unknown>;
  unusedAttrVals: Record<string, unknown>;
}

/** `parse` returns a tree that contains the values, or an error message. */
interface Parser {
  parse(expression: string, options: { context: Context }): unknown;
}

interface Remembered {
  /** The tree, with placeholders instead of values. */
  tree: unknown;
  /** Maps each placeholder to the name of its value. */
  placeholders: Map<unknown, string>;
  usedNames: string[];
  usedValues: string[];
}

/** More expressions than a program sends. */
const MAX_REMEMBERED = 1000;

/** In all other expressions, the parser looks only at the types of the values. */
const readsValues = (expression: string): boolean => /between|attribute_type/i.test(expression);

const remember = (parser: Parser): void => {
  const { parse } = parser;
  const remembered = new Map<string, Remembered>();
  parser.parse = (expression, options) => {
    const { context } = options;
    if (readsValues(expression)) return parse(expression, options);
    const { attrNames = {}, attrVals = {} } = context;
    const key = JSON.stringify([expression, attrNames, Object.entries(attrVals).map(([name, value]) => [name, Object.keys(value)])]);
    const found = remembered.get(key) ?? parseWithPlaceholders(parse, expression, context);
    if (found === undefined) return parse(expression, options);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, found);
    for (const name of found.usedNames) delete context.unusedAttrNames[name];
    for (const name of found.usedValues) delete context.unusedAttrVals[name];
    return fill(found.tree, found.placeholders, attrVals);
  };
};

/** Returns undefined if the expression is invalid. */
const parseWithPlaceholders = (parse: Parser["parse"], expression: string, context: Context): Remembered | undefined => {
  const { attrNames = {}, attrVals = {} } = context;
  const values = Object.fromEntries(Object.entries(attrVals).map(([name, value]) => [name, { [Object.keys(value)[0]!]: "" }]));
  const [unusedAttrNames, unusedAttrVals] = [{ ...attrNames }, { ...attrVals }];
  const tree = parse(expression, { context: { ...context, attrVals: values as Context["attrVals"], unusedAttrNames, unusedAttrVals } });
  if (typeof tree === "string") return undefined;
  return {
    tree,
    placeholders: new Map(Object.entries(values).map(([name, value]) => [value, name])),
    usedNames: Object.keys(attrNames).filter(name => !Object.hasOwn(unusedAttrNames, name)),
    usedValues: Object.keys(attrVals).filter(name => !Object.hasOwn(unusedAttrVals, name)),
  };
};

/** Copies the tree and fills in the values. It must be a copy, because dynalite changes the trees that it gets. */
const fill = (node: unknown, placeholders: Remembered["placeholders"], values: Record<string, AttributeValue>): unknown => {
  if (typeof node !== "object" || node === null) return node;
  const name = placeholders.get(node);
  if (name !== undefined) return values[name];
  if (Array.isArray(node)) return node.map(each => fill(each, placeholders, values));
  const copy = Object.create(Object.getPrototypeOf(node)) as Record<string, unknown>;
  for (const [field, each] of Object.entries(node)) copy[field] = fill(each, placeholders, values);
  return copy;
};

for (const parser of [conditionParser, projectionParser, updateParser]) remember(parser);

export type { Parser };
