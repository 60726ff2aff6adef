import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { expect } from "chai";
import * as ts from "typescript";

const root = join(__dirname, "..");

/** What the files of each folder may import, in addition to Node's modules: other folders of the project, and packages by pattern. */
const mayImport: Record<string, { folders: string[]; packages: RegExp }> = {
  // Packages that only compute.
  core: { folders: ["core"], packages: /^(damerau-levenshtein|p-map|zod)$/ },
  stores: { folders: ["stores", "core"], packages: /^(@aws-sdk\/|@smithy\/|@slack\/web-api$)/ },
  // The function that calls an agent of your own runs the worker.
  functions: { folders: ["functions", "agent", "stores", "core"], packages: /^(?!@pulumi\/)/ },
  subscribers: { folders: ["subscribers", "stores", "core"], packages: /^(?!@pulumi\/)/ },
  agent: { folders: ["agent", "stores", "core"], packages: /^(@aws-sdk\/|@modelcontextprotocol\/client$)/ },
  // A program of its own.
  deploy: { folders: ["deploy"], packages: /^@pulumi\// },
  "components/bundling": { folders: ["components/bundling", "components/wiring"], packages: /^(@pulumi\/|esbuild$)/ },
  "components/settings": { folders: ["components/settings", "components/wiring"], packages: /^(@pulumi\/|zod$)/ },
  "components/wiring": { folders: ["components/wiring"], packages: /^@pulumi\// },
  "components/resources": { folders: ["components/resources", "components/wiring"], packages: /^@pulumi\// },
  "components/features": {
    folders: ["features", "resources", "wiring", "settings", "bundling"].map(folder => `components/${folder}`),
    packages: /^@pulumi\//,
  },
  "components/operations": {
    folders: ["operations", "features", "resources", "wiring"].map(folder => `components/${folder}`),
    packages: /^@pulumi\//,
  },
  // A file beside these folders.
  components: { folders: [], packages: /^$/ },
  panels: { folders: ["panels", "packages/laptop-cloud/page", "packages/pretend-slack/page"], packages: /^preact/ },
  "packages/laptop-cloud/src": { folders: ["packages/laptop-cloud/src"], packages: /^(?!@aws-sdk\/|@slack\/)/ },
  "packages/laptop-cloud/page": {
    folders: ["packages/laptop-cloud/page"],
    packages: /^(preact|@dagrejs\/dagre$)/,
  },
  "packages/pretend-slack/src": {
    folders: ["packages/pretend-slack/src", "packages/laptop-cloud/src"],
    packages: /^(?!@pulumi\/|@aws-sdk\/|@slack\/)/,
  },
  "packages/pretend-slack/page": { folders: ["packages/pretend-slack/page", "packages/laptop-cloud/page"], packages: /^preact/ },
};

/** Rules that the program itself needs, outside of callbacks. */
const RULES_OF_THE_PROGRAM = /^#core\/(agent\/task|agent\/tools|dibs\/duration|message\/tokens|metrics|table-schema|\w+\/tables)$/;

/** Rules are pure: they may use only those of Node's modules that compute. */
const purelyComputing = [
  "node:async_hooks",
  "node:crypto",
  "node:buffer",
  "node:events",
  "node:util",
  "node:assert",
  "node:string_decoder",
];

interface Import {
  file: string;
  specifier: string;
  typeOnly: boolean;
  /** `require(...)` inside a function, with which a callback loads its module. */
  required: boolean;
}

/** The imports of the project's files, by path. Parsing them takes nearly all of this test's time. */
const known = new Map<string, Import[]>();

const importsOf = (file: string): Import[] => {
  const imports = known.get(file) ?? importsIn(file, readFileSync(join(root, file), "utf8"));
  known.set(file, imports);
  return imports;
};

const importsIn = (file: string, source: string): Import[] => {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean, required = false) => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push({ file, specifier: specifier.text, typeOnly, required });
  };
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || isRequire(node.expression)))
      add(node.arguments[0], false, isRequire(node.expression));
    ts.forEachChild(node, visit);
  };
  const options = { languageVersion: ts.ScriptTarget.ES2022, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  visit(ts.createSourceFile(file, source, options));
  return found;
};

const isTypeOnly = ({ importClause }: ts.ImportDeclaration) =>
  importClause !== undefined &&
  (importClause.isTypeOnly ||
    (importClause.name === undefined &&
      importClause.namedBindings !== undefined &&
      ts.isNamedImports(importClause.namedBindings) &&
      importClause.namedBindings.elements.length > 0 &&
      importClause.namedBindings.elements.every(element => element.isTypeOnly)));

const isRequire = (node: ts.Expression) => ts.isIdentifier(node) && node.text === "require";

const filesBelow = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(file => /\.tsx?$/.test(file))
    .map(file => join(folder, file));

/** Finds the project folder of a specifier; undefined for a package. */
const folderOf = ({ file, specifier }: Import): string | undefined => {
  if (specifier.startsWith("#")) return homeOf(specifier.slice(1));
  if (specifier.startsWith(SCOPE)) return homeOf(sourceOf(specifier));
  if (!specifier.startsWith(".")) return undefined;
  const target = relative(root, join(root, dirname(file), specifier));
  return target === "package.json" ? undefined : homeOf(target);
};

const SCOPE = "@slack-fanout/";

/** The path below the project's root, without its ending, that an import of one of our packages leads to. */
const sourceOf = (specifier: string): string => {
  const [name = "", ...path] = specifier.slice(SCOPE.length).split("/");
  return path[0] === "page" ? join("packages", name, ...path) : join("packages", name, "src", ...path);
};

/** Finds the folder of a file: one of those above, or its top folder. */
const homeOf = (file: string) =>
  Object.keys(mayImport).find(folder => `${file}${sep}`.startsWith(`${folder}${sep}`)) ?? file.split(sep)[0]!;

const offence = (found: Import): string | undefined => {
  const home = homeOf(found.file);
  const rule = mayImport[home]!;
  const folder = folderOf(found);
  const said = `${found.file} imports ${found.specifier}`;
  if (folder !== undefined) {
    const isComponent = home.startsWith("components/");
    // Components import types of their modules only; the wiring requires them inside callbacks.
    const wired =
      isComponent &&
      (folder === "functions" || folder === "subscribers") &&
      (found.typeOnly || (found.required && found.specifier.startsWith("#")));
    // Components use types of the rules, and some rules: schemas of tables and tools, parsers of settings, limits.
    const described = isComponent && folder === "core" && (found.typeOnly || RULES_OF_THE_PROGRAM.test(found.specifier));
    // The page shares the types of its protocol with the server.
    const protocol =
      /(^|\/)(page|panels)$/.test(home) && /\/(src|laptop-cloud|pretend-slack)\/protocol$/.test(found.specifier) && found.typeOnly;
    // The dibs API serves the command as text.
    const served = found.file === "functions/api.ts" && found.specifier === "#dibs-cli";
    return rule.folders.includes(folder) || wired || described || protocol || served ? undefined : said;
  }
  if (found.specifier.startsWith("node:"))
    return home === "core" && !found.typeOnly && !purelyComputing.includes(found.specifier) ? said : undefined;
  if (found.specifier.startsWith(".")) return undefined;
  return rule.packages.test(found.specifier) || found.typeOnly ? undefined : said;
};

/** Finds the project file of an import. A module that a callback requires starts a graph of its own. */
const targetOf = ({ file, specifier, required }: Import): string | undefined => {
  if (required) return undefined;
  const path = pathOf(file, specifier);
  if (path === undefined) return undefined;
  return [".ts", ".tsx", "/index.ts"].map(ending => join(`${path}${ending}`)).find(each => existsSync(join(root, each)));
};

const pathOf = (file: string, specifier: string): string | undefined => {
  if (specifier.startsWith("#")) return specifier.slice(1);
  if (specifier.startsWith(SCOPE)) return sourceOf(specifier);
  return specifier.startsWith(".") ? join(dirname(file), specifier) : undefined;
};

/** Finds the first cycle of imports, such as "a > b > a". */
const findCircle = (edges: ReadonlyMap<string, readonly string[]>): string | undefined => {
  const done = new Set<string>();
  const follow = (node: string, path: readonly string[]): string | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node].join(" > ");
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const circle = follow(next, [...path, node]);
      if (circle !== undefined) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const circle = follow(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
};

describe("arrows", () => {
  for (const folder of Object.keys(mayImport)) {
    it(`${folder}/ imports only what lies below it`, () => {
      const imports = filesBelow(folder).flatMap(importsOf);

      expect(imports.map(offence).filter(said => said !== undefined)).to.deep.equal([]);
      expect(imports, "a folder without any import would make this test idle").not.to.be.empty;
    });
  }

  it("the laptop cloud does not mention Slack or Trello", () => {
    const folder = "packages/laptop-cloud/src";
    expect(filesBelow(folder).filter(file => /slack(?!-fanout)|trello/i.test(readFileSync(join(root, file), "utf8")))).to.deep.equal([]);
  });

  it("form no cycle, not even within a folder", () => {
    const files = Object.keys(mayImport).flatMap(filesBelow);
    const edges = new Map(files.map(file => [file, importsOf(file).flatMap(found => targetOf(found) ?? [])]));
    expect([...edges.values()].flat(), "a graph without edges would make this test idle").not.to.be.empty;
    expect(findCircle(edges)).to.equal(undefined);
  });

  it("detects a cycle, even of types", () => {
    const edges = new Map([
      ["a", ["b"]],
      ["b", ["c", "d"]],
      ["c", []],
      ["d", ["b"]],
    ]);
    expect(findCircle(edges)).to.equal("b > d > b");
    const found = importsIn("functions/commands/words.ts", 'import type { Commands } from "#functions/commands";');
    expect(found.map(targetOf)).to.deep.equal([join("functions", "commands.ts")]);
  });

  it("detects an import from a higher folder", () => {
    const found = importsIn(
      "core/message/tokens.ts",
      'import { readFile } from "node:fs/promises"; import { x } from "#stores/message/words-table";',
    );

    expect(found.map(offence)).to.deep.equal([
      "core/message/tokens.ts imports node:fs/promises",
      "core/message/tokens.ts imports #stores/message/words-table",
    ]);
  });

  it("detects an import of a package by its name", () => {
    const found = importsIn("functions/webhook.ts", 'import { quote } from "@slack-fanout/laptop-cloud/kernel/http";');

    expect(found.map(offence)).to.deep.equal(["functions/webhook.ts imports @slack-fanout/laptop-cloud/kernel/http"]);
    expect(found.map(targetOf)).to.deep.equal([join("packages", "laptop-cloud", "src", "kernel", "http.ts")]);
  });

  it("detects a component that captures a module", () => {
    const found = importsIn(
      "components/features/words.ts",
      'import { Webhook } from "../../functions/webhook"; import { Events } from "#functions/events";',
    );

    expect(found.map(offence)).to.deep.equal([
      "components/features/words.ts imports ../../functions/webhook",
      "components/features/words.ts imports #functions/events",
    ]);
  });

  it("@pulumi/* is imported only by the programs and by what runs them", () => {
    const importers = Object.keys(mayImport)
      .flatMap(filesBelow)
      .flatMap(importsOf)
      .filter(({ specifier, typeOnly }) => specifier.startsWith("@pulumi/") && !typeOnly)
      .map(({ file }) => (file.startsWith("components/") ? "components" : dirname(file)));

    expect([...new Set(importers)].sort().filter(folder => !/services\/(lambda|s3)$/.test(folder))).to.deep.equal([
      "components",
      "deploy",
      "packages/laptop-cloud/src/program",
    ]);
  });
});
