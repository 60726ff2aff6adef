import { isJsonObject, type Json } from "./json";

/**
 * The JSONPath of the Amazon States Language: names, indexes (negative ones count from the end), slices, lists of either, wildcards and
 * descent (`$..name`). Filters (`[?(...)]`) are refused.
 */
type Step =
  | { kind: "child"; names: (string | number)[] }
  | { kind: "slice"; from?: number; to?: number; every: number }
  | { kind: "every" }
  | { kind: "descend" };

interface JsonPath {
  text: string;
  steps: Step[];
  /** Whether it matches at most one value, as a reference path does. */
  isDefinite: boolean;
}

/** Throws `SyntaxError` with a sentence that quotes the path. */
const parseJsonPath = (text: string): JsonPath => {
  if (!text.startsWith("$")) throw new SyntaxError(`The path ${JSON.stringify(text)} does not begin with "$".`);
  const steps: Step[] = [];
  let at = 1;
  while (at < text.length) {
    const [, length, step] = parseStep(text, at);
    steps.push(...step);
    at += length;
  }
  const isDefinite = steps.every(step => step.kind === "child" && step.names.length === 1);
  return { text, steps, isDefinite };
};

const parseStep = (text: string, at: number): [string, number, Step[]] => {
  const rest = text.slice(at);
  const dotted = /^(\.\.?)(?:([^.[\]*\s()'"?]+)|(\*))/.exec(rest);
  if (dotted !== null) {
    const [whole, dots, name] = dotted as unknown as [string, string, string | undefined];
    const step: Step = name === undefined ? { kind: "every" } : { kind: "child", names: [name] };
    return [whole, whole.length, dots === ".." ? [{ kind: "descend" }, step] : [step]];
  }
  const bracketed = /^(\.\.)?\[\s*((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\]'"?])*)\s*\]/.exec(rest);
  const step = bracketed === null ? undefined : parseSelector(bracketed[2]!.trim());
  if (bracketed === null || step === undefined) {
    const what = rest.startsWith("[?")
      ? "has a filter, which the laptop cloud does not imitate"
      : `can't be read at ${JSON.stringify(rest)}`;
    throw new SyntaxError(`The path ${JSON.stringify(text)} ${what}.`);
  }
  return [bracketed[0], bracketed[0].length, bracketed[1] === undefined ? [step] : [{ kind: "descend" }, step]];
};

const parseSelector = (selector: string): Step | undefined => {
  if (selector === "*") return { kind: "every" };
  const slice = /^(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*([1-9]\d*))?$/.exec(selector);
  if (slice !== null) {
    const [, from, to, every = "1"] = slice;
    return {
      kind: "slice",
      from: from === undefined ? undefined : Number(from),
      to: to === undefined ? undefined : Number(to),
      every: Number(every),
    };
  }
  const names: (string | number)[] = [];
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+))\s*(,|$)/gy;
  for (const [, single, double, index] of selector.matchAll(item))
    names.push(index === undefined ? unquote(single ?? double ?? "") : Number(index));
  const covered = [...selector.matchAll(item)].reduce((length, [whole]) => length + whole.length, 0);
  return names.length > 0 && covered === selector.length ? { kind: "child", names } : undefined;
};

const unquote = (quoted: string) => quoted.replace(/\\(.)/gs, "$1");

/** The result of a path: one value or undefined for a definite path, a list for any other. */
const readPath = ({ steps, isDefinite }: JsonPath, root: Json): Json | undefined => {
  const found = steps.reduce<Json[]>((nodes, step) => nodes.flatMap(node => follow(step, node)), [root]);
  return isDefinite ? found[0] : found;
};

const follow = (step: Step, node: Json): Json[] => {
  switch (step.kind) {
    case "child":
      return step.names.flatMap(name => childOf(node, name));
    case "every":
      return childrenOf(node);
    case "descend":
      return [node, ...childrenOf(node).flatMap(child => follow(step, child))];
    case "slice":
      return Array.isArray(node) ? sliceOf(node, step) : [];
  }
};

const childOf = (node: Json, name: string | number): Json[] => {
  if (Array.isArray(node)) {
    const value = typeof name === "number" ? node.at(name) : undefined;
    return value === undefined ? [] : [value];
  }
  const key = String(name);
  return isJsonObject(node) && Object.hasOwn(node, key) ? [node[key]!] : [];
};

const childrenOf = (node: Json): Json[] => {
  if (Array.isArray(node)) return node;
  return isJsonObject(node) ? Object.values(node) : [];
};

const sliceOf = (list: Json[], { from, to, every }: Extract<Step, { kind: "slice" }>) =>
  list.slice(from ?? 0, to ?? list.length).filter((_, index) => index % every === 0);

/**
 * A copy of `root` with `value` at the path; missing objects are created. Undefined if the path leads through
 * a value that is not an object, or to a missing index.
 */
const writePath = ({ steps }: JsonPath, root: Json, value: Json): Json | undefined => {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step.kind !== "child") return undefined;
  const [name] = step.names as [string | number];
  const tail = { text: "", steps: rest, isDefinite: true };
  if (Array.isArray(root)) {
    if (typeof name !== "number" || root.at(name) === undefined) return undefined;
    const written = writePath(tail, root.at(name)!, value);
    return written === undefined ? undefined : root.with(name, written);
  }
  if (!isJsonObject(root) || typeof name === "number") return undefined;
  const written = writePath(tail, Object.hasOwn(root, name) ? root[name]! : {}, value);
  // A spread with a computed key would not create the key "__proto__".
  return written === undefined ? undefined : Object.fromEntries([...Object.entries(root).filter(([key]) => key !== name), [name, written]]);
};

export type { JsonPath };
export { parseJsonPath, readPath, writePath };
