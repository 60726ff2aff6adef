import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import ts from "typescript";

const root = resolve(__dirname, "../..");

/** The examples in the guides that are whole files, and where the guides put them. */
const examples = [
  { page: "README.md", begins: "/** Greets", file: "subscribers/greeter.ts" },
  { page: "docs/guides/brains-and-tools.md", begins: "/** Counts down", file: "agent/brains/countdown.ts" },
  { page: "docs/guides/make-it-yours.md", begins: "/** Records who", file: "subscribers/hellos.ts" },
  { page: "docs/guides/make-it-yours.md", begins: "/** A slash command", file: "functions/hellos.ts" },
  { page: "docs/guides/pipelines.md", begins: "/** Counts the lines", file: "functions/texts/count-lines.ts" },
];

/** The examples that are parts of files, and the rest of those files. */
const additions = [
  {
    page: "README.md",
    begins: "messages.subscribe(",
    file: "greeter-wiring.ts",
    before: `import type { Topic } from "./components/topic";\ndeclare const messages: Topic;\n`,
  },
  {
    page: "docs/guides/brains-and-tools.md",
    begins: "const thinking =",
    file: "test/agent/countdown.test.ts",
    before: [
      `import { expect } from "chai";`,
      `import { CountdownBrain } from "../../agent/brains/countdown";`,
      `import type { Tools } from "../../agent/brain";`,
      `import type { Task } from "../../core/agent/task";`,
      `declare const task: Task;\ndeclare const tools: Tools;`,
      `void (async () => {\n`,
    ].join("\n"),
    after: "})();\n",
  },
  {
    page: "docs/guides/make-it-yours.md",
    begins: "// Who said hello",
    file: "hellos-wiring.ts",
    before: [
      `import { put, queryTable } from "./components/grants";`,
      `import type { HttpApi } from "./components/http-api";`,
      `import { Table } from "./components/table";`,
      `import type { Topic } from "./components/topic";`,
      `declare const messages: Topic;`,
      `declare const api: HttpApi;`,
      `declare const signingSecret: Record<"SIGNING_SECRET", string>;`,
      `declare const production: boolean;\n`,
    ].join("\n"),
  },
  {
    page: "docs/guides/pipelines.md",
    begins: "const texts =",
    file: "texts-wiring.ts",
    before: [
      `import { Bucket } from "./components/bucket";`,
      `import { BucketSubscription } from "./components/bucket-subscription";`,
      `import type { FeatureArgs } from "./components/feature";`,
      `import { readObjects, start } from "./components/grants";`,
      `import { Pipeline } from "./components/pipeline";`,
      `import { wire } from "./components/wire";`,
      `declare const shared: FeatureArgs;`,
      `declare const production: boolean;\n`,
    ].join("\n"),
    after: "",
  },
  {
    page: "docs/guides/pipelines.md",
    begins: `describe("count-lines"`,
    file: "test/functions/texts/count-lines.test.ts",
    before: [
      `import { Readable } from "node:stream";`,
      `import { expect } from "chai";`,
      `import * as sinon from "sinon";`,
      `import type { PayrollUpload } from "../../../core/payroll/upload";`,
      `import { CountLines } from "../../../functions/texts/count-lines";`,
      `declare const upload: PayrollUpload;\n`,
    ].join("\n"),
  },
];

const readExample = (page: string, begins: string): string => {
  const blocks = [...readFileSync(join(root, page), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
  const found = blocks.find(code => code.startsWith(begins));
  if (found === undefined) throw new Error(`${page} has no example that begins with ${begins}`);
  return found;
};

/** Compiles files that exist only in memory, as if they were in the project. */
const compile = (files: ReadonlyMap<string, string>): string[] => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.directoryExists = path => [...files.keys()].some(file => file.startsWith(`${path}/`)) || ts.sys.directoryExists(path);
  host.fileExists = path => files.has(path) || fileExists(path);
  host.readFile = path => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, languageVersion, ...more) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, languageVersion, ...more) : ts.createSourceFile(path, text, languageVersion);
  };
  const program = ts.createProgram({ rootNames: [...files.keys()], options, host });
  return [...files.keys()]
    .flatMap(path => {
      const source = program.getSourceFile(path)!;
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    })
    .map(({ file, messageText }) => `${file?.fileName.slice(root.length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
};

describe("docs examples", () => {
  it("compile where the guides put them", () => {
    const files = new Map([
      ...examples.map(({ page, begins, file }) => [join(root, file), readExample(page, begins)] as const),
      ...additions.map(
        ({ page, begins, file, before, after = "export {};\n" }) => [join(root, file), before + readExample(page, begins) + after] as const,
      ),
    ]);
    expect(compile(files)).to.deep.equal([]);
  });

  it("would not compile with a mistake in them", () => {
    const { page, begins, file } = examples[0]!;
    const wrong = readExample(page, begins).replace("data.user", "data.nobody");
    expect(compile(new Map([[join(root, file), wrong]]))).to.have.lengthOf(1);
  });
});
