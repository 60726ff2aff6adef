import { Failure } from "./failure";
import { intrinsics } from "./intrinsics";
import type { Json } from "./json";
import { parseJsonPath, readPath } from "./json-path";

/** The data of expressions: a state's data, and the context object `$$`. */
interface Data {
  input: Json;
  context: Json;
}

type Expression =
  | { kind: "path"; text: string; ofContext: boolean }
  | { kind: "call"; name: string; args: Expression[] }
  | { kind: "literal"; value: Json };

/** A path without a value. The caller decides on the error name. */
class PathNotFound extends Error {
  override name = "PathNotFound";

  constructor(
    readonly path: string,
    input: Json,
  ) {
    super(`The JSONPath '${path}' could not be found in the input '${JSON.stringify(input).slice(0, 1000)}'`);
  }
}

/** Evaluates a path (`$.name`, `$$.Execution.Name`) or a call of intrinsic functions. Throws `PathNotFound`, `Failure`, `SyntaxError`. */
const evaluate = (text: string, data: Data): Json => run(parseExpression(text), data);

/** Parses the value of a key that ends in `.$`. Throws `SyntaxError`. */
const parseExpression = (text: string): Expression => {
  const parser = new Parser(text);
  return parser.whole();
};

const run = (expression: Expression, data: Data): Json => {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "path": {
      const root = expression.ofContext ? data.context : data.input;
      const found = readPath(parseJsonPath(expression.text), root);
      if (found === undefined) throw new PathNotFound(expression.ofContext ? `$${expression.text}` : expression.text, root);
      return found;
    }
    case "call":
      return call(
        expression.name,
        expression.args.map(arg => run(arg, data)),
      );
  }
};

const call = (name: string, args: Json[]): Json => {
  try {
    return intrinsics[name]!(...args);
  } catch (error) {
    if (error instanceof Failure) throw new Failure(error.error, `${name}: ${error.cause}`);
    throw error;
  }
};

class Parser {
  #at = 0;

  constructor(private readonly text: string) {}

  whole(): Expression {
    const expression = this.text.startsWith("$") ? this.#pathOf(this.text) : this.#expression();
    if (expression.kind === "literal") throw this.#unreadable();
    if (expression.kind === "call" && this.#at !== this.text.length) throw this.#unreadable();
    return expression;
  }

  #expression(): Expression {
    const name = this.#take(/States\.\w+(?=\s*\()/y);
    if (name !== undefined) return this.#call(name);
    const quoted = this.#take(/'(?:[^'\\]|\\.)*'/sy);
    if (quoted !== undefined) return { kind: "literal", value: quoted.slice(1, -1).replace(/\\(.)/gs, "$1") };
    const scalar = this.#take(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y);
    if (scalar !== undefined) return { kind: "literal", value: JSON.parse(scalar) as Json };
    const path = this.#take(/\$(?:\[(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\]'"])*\]|[^,()[\]\s])*/y);
    if (path !== undefined) return this.#pathOf(path);
    throw this.#unreadable();
  }

  #call(name: string): Expression {
    if (!Object.hasOwn(intrinsics, name)) throw new SyntaxError(`There is no intrinsic function ${name}.`);
    const args: Expression[] = [];
    this.#take(/\s*\(\s*/y);
    if (this.#take(/\)/y) !== undefined) return { kind: "call", name, args };
    for (;;) {
      args.push(this.#expression());
      if (this.#take(/\s*\)/y) !== undefined) return { kind: "call", name, args };
      if (this.#take(/\s*,\s*/y) === undefined) throw this.#unreadable();
    }
  }

  #pathOf(text: string): Expression {
    const ofContext = text.startsWith("$$");
    const path = ofContext ? text.slice(1) : text;
    parseJsonPath(path);
    return { kind: "path", text: path, ofContext };
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #unreadable() {
    return new SyntaxError(`${JSON.stringify(this.text)} is neither a path nor a call of an intrinsic function (read up to ${this.#at}).`);
  }
}

export type { Data };
export { evaluate, PathNotFound, parseExpression };
