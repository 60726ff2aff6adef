import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import * as ts from "typescript";

const root = join(__dirname, "..");

const MAX_PARAMETERS = 4;
/** For functions inside the packages. Their constructors have the limit of everything else. */
const MAX_PARAMETERS_IN_PACKAGES = 5;

const folders = ["agent", "components", "core", "functions", "panels", "scripts", "stores", "subscribers"];
/** Without `dist`, whose files come and go while tests run. */
const packages = [
  "packages/dibs-cli",
  "packages/laptop-cloud/page",
  "packages/laptop-cloud/src",
  "packages/pretend-slack/page",
  "packages/pretend-slack/src",
];

const filesBelow = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(file => /\.tsx?$/.test(file) && !/(^|\/)(node_modules|dist|test)\//.test(file))
    .map(file => join(folder, file));

/** What takes more than four positional parameters. */
interface LongList {
  /** "FILE: NAME" */
  where: string;
  count: number;
}

const findLongLists = (file: string, source = readFileSync(join(root, file), "utf8")): LongList[] => {
  const found: LongList[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isFunctionLike(node) && node.parameters.length > MAX_PARAMETERS)
      found.push({ where: `${file}: ${nameOf(node)}`, count: node.parameters.length });
    ts.forEachChild(node, visit);
  };
  const options = { languageVersion: ts.ScriptTarget.ES2022, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  visit(ts.createSourceFile(file, source, options, true));
  return found;
};

/** The name of a function, or of the class or the constant that it belongs to. */
const nameOf = (node: ts.SignatureDeclaration): string => {
  const { name } = node.name === undefined ? (node.parent as ts.NamedDeclaration) : node;
  return name?.getText() ?? "a function without a name";
};

/** By the name: only classes begin with a capital letter. */
const isConstructor = ({ where }: LongList) => /: [A-Z]\w*$/.test(where);

describe("parameters", () => {
  it("are at most four; more are one object", () => {
    const files = ["index.ts", "laptop.ts", ...folders.flatMap(filesBelow)];

    expect(files.flatMap(file => findLongLists(file))).to.deep.equal([]);
  });

  it("of functions in packages are at most five, and of their constructors four", () => {
    const found = packages.flatMap(filesBelow).flatMap(file => findLongLists(file));

    expect(found.filter(list => isConstructor(list) || list.count > MAX_PARAMETERS_IN_PACKAGES)).to.deep.equal([]);
  });

  it("detects constructors, methods and functions", () => {
    const source = `
      class Counter { constructor(a: 1, b: 2, c: 3, d: 4, e: 5) {} }
      const add = (a: 1, b: 2, c: 3, d: 4, e = 5) => a;
      const four = { sum(a: 1, b: 2, c: 3, d: 4) {} };
    `;
    const found = findLongLists("core/counter.ts", source);
    expect(found.map(({ where }) => where)).to.deep.equal(["core/counter.ts: Counter", "core/counter.ts: add"]);
    expect(found.map(isConstructor)).to.deep.equal([true, false]);
  });
});
