import { AwsError } from "../../kernel/aws-error";

type Matches = (message: string) => boolean;

/**
 * Compiles a filter pattern ("Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail").
 *
 * Known: terms, quoted phrases, `?any`, `-without`, `%regular expression%`, and JSON selectors joined by `&&` or by `||`, with =, !=, <, <=, >, >=,
 * `IS NULL`, `IS TRUE`, `IS FALSE`, `EXISTS`, `NOT EXISTS`. Throws `AwsError` InvalidParameterException for others, by name.
 */
const compileFilterPattern = (pattern = ""): Matches => {
  const trimmed = pattern.trim();
  if (trimmed === "") return () => true;
  if (trimmed.startsWith("{")) return compileSelectors(trimmed);
  if (trimmed.startsWith("[")) throw refused(pattern, "patterns of space-delimited fields");
  if (trimmed.startsWith("%")) return compileExpression(trimmed);
  return compileTerms(trimmed);
};

const compileTerms = (pattern: string): Matches => {
  const terms = [...pattern.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign, quoted, plain]) => ({
    sign,
    text: quoted?.replace(/\\(.)/g, "$1") ?? plain!,
  }));
  const any = terms.filter(({ sign }) => sign === "?").map(({ text }) => text);
  const all = terms.filter(({ sign }) => sign === "").map(({ text }) => text);
  const none = terms.filter(({ sign }) => sign === "-").map(({ text }) => text);
  // AWS ignores `?` terms if there are others.
  const useAny = all.length === 0 && none.length === 0;
  return message =>
    useAny
      ? any.some(text => message.includes(text))
      : all.every(text => message.includes(text)) && !none.some(text => message.includes(text));
};

const compileExpression = (pattern: string): Matches => {
  const source = /^%(.+)%$/.exec(pattern)?.[1];
  if (source === undefined) throw refused(pattern, "this use of %");
  try {
    const expression = new RegExp(source);
    return message => expression.test(message);
  } catch {
    throw refused(pattern, "this regular expression");
  }
};

type Test = (value: unknown) => boolean;

const selector = /^\s*\(?\s*\$((?:\.[\w@-]+|\[\d+\]|\["[^"]+"\])+)\s*(.*?)\s*\)?\s*$/s;

const compileSelectors = (pattern: string): Matches => {
  const body = /^\{(.*)\}$/s.exec(pattern)?.[1];
  if (body === undefined) throw refused(pattern, "a selector without its closing brace");
  const and = body.includes("&&");
  if (and && body.includes("||")) throw refused(pattern, "&& and || in one pattern");
  const tests = body.split(and ? "&&" : "||").map(part => compileSelector(part, pattern));
  return message => {
    const value = parseObject(message);
    return value !== undefined && (and ? tests.every(test => test(value)) : tests.some(test => test(value)));
  };
};

const compileSelector = (part: string, pattern: string): Test => {
  const match = selector.exec(part);
  if (match === null) throw refused(pattern, `the selector ${part.trim()}`);
  const path = [...match[1]!.matchAll(/\.([\w@-]+)|\[(\d+)\]|\["([^"]+)"\]/g)].map(([, name, index, quoted]) => name ?? index ?? quoted!);
  const test = compileComparison(match[2]!, pattern);
  return value => test(path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value));
};

const compileComparison = (comparison: string, pattern: string): Test => {
  const word = comparison.toUpperCase().replace(/\s+/g, " ");
  if (Object.hasOwn(wordTests, word)) return wordTests[word]!;
  const [, operator, wanted] = /^(=|!=|<=|>=|<|>)\s*(.+)$/s.exec(comparison) ?? [];
  if (operator === undefined || wanted === undefined) throw refused(pattern, `the comparison ${comparison}`);
  const number = Number(wanted);
  if (!wanted.startsWith('"') && !Number.isNaN(number)) return value => typeof value === "number" && numberTests[operator]!(value, number);
  if (operator !== "=" && operator !== "!=") throw refused(pattern, `${operator} with a text`);
  const text = /^"(.*)"$/s.exec(wanted)?.[1] ?? wanted;
  const expression = new RegExp(`^${text.split("*").map(escapeExpression).join(".*")}$`, "s");
  return value => ["string", "number", "boolean"].includes(typeof value) && expression.test(String(value)) === (operator === "=");
};

const wordTests: Record<string, Test> = {
  "IS NULL": value => value === null,
  "IS TRUE": value => value === true,
  "IS FALSE": value => value === false,
  EXISTS: value => value !== undefined,
  "NOT EXISTS": value => value === undefined,
};

const numberTests: Record<string, (value: number, wanted: number) => boolean> = {
  "=": (value, wanted) => value === wanted,
  "!=": (value, wanted) => value !== wanted,
  "<": (value, wanted) => value < wanted,
  "<=": (value, wanted) => value <= wanted,
  ">": (value, wanted) => value > wanted,
  ">=": (value, wanted) => value >= wanted,
};

const escapeExpression = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const parseObject = (message: string): unknown => {
  if (!message.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
};

const refused = (pattern: string, what: string) =>
  new AwsError("InvalidParameterException", `The laptop cloud does not imitate ${what}, in the filter pattern ${JSON.stringify(pattern)}.`);

export { compileFilterPattern };
