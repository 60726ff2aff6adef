import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import ts from "typescript";

const { findTranspiled } = require("../packages/laptop-cloud/transpiler.cjs") as {
  findTranspiled: (options: { project: string; options: string }, fileName: string, text: string) => { outputText: string } | undefined;
};

const root = join(__dirname, "..");

/** Loads TypeScript as scripts do, in a process that pretends to run this version of Node.js, and runs some code. */
const loadWith = (version: string, code = "") => {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`;
  const script = `${pretend} require("./bin/load-typescript.cjs"); ${code}`;
  const { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: _, ...env } = process.env;
  return spawnSync(process.execPath, ["-C", "slack-fanout-source", "-e", script], { cwd: root, env, encoding: "utf8" });
};

describe("load-typescript", () => {
  for (const version of ["18.20.4", "20.18.1", "21.7.3", "22.11.0"]) {
    it(`refuses Node.js ${version} in a sentence`, () => {
      const { status, stderr } = loadWith(version);
      expect([status, stderr]).to.deep.equal([
        1,
        `This needs Node.js 22.12 or later, or 20.19 or later of version 20, and this is Node.js ${version}.\n`,
      ]);
    });
  }

  for (const version of ["20.19.0", "22.12.0", "24.0.0"]) {
    it(`accepts Node.js ${version}`, () => expect(loadWith(version)).to.include({ status: 0, stderr: "" }));
  }

  it("keeps the AWS SDK from warning about Node.js 20", async () => {
    const code = `const { SNSClient } = require("@aws-sdk/client-sns"); new SNSClient({ region: "us-east-1" });`;
    expect(loadWith(process.versions.node, code)).to.include({ status: 0, stderr: "" });
  });

  describe("a program that only ts-node can load", () => {
    const options = { module: "nodenext" };
    const react = "const React = { createElement: (tag: string) => tag };";
    const programs: [kind: string, tsconfig: object, files: Record<string, string>][] = [
      ["JSX", { compilerOptions: { ...options, jsx: "react" } }, { "said.tsx": `${react} export const said = <hello />;` }],
      ["a .cts file", { compilerOptions: options }, { "said.cts": 'enum Text { said = "hello" } export const said = Text.said;' }],
      [
        "ES modules in JavaScript",
        { compilerOptions: { ...options, allowJs: true } },
        { "said.js": 'export { said } from "./other";', "other.ts": 'export const said: string = "hello";' },
      ],
      [
        "options of ts-node",
        { compilerOptions: options, "ts-node": { require: ["./first.js"] } },
        { "first.js": 'globalThis.said = "hello";', "said.ts": "export const said: string = (globalThis as any).said;" },
      ],
    ];

    for (const [kind, tsconfig, files] of programs) {
      it(`may have ${kind}, also once its other files are in the cache`, () => {
        const folder = mkdtempSync(join(tmpdir(), "load-typescript-"));
        const said = kind === "a .cts file" ? "./said.cts" : "./said";
        const index = `import { said } from "${said}";\nconst id: string = "${randomUUID()}";\nconsole.log(said, id.length);\n`;
        for (const [file, text] of Object.entries({ "tsconfig.json": JSON.stringify(tsconfig), "index.ts": index, ...files }))
          writeFileSync(join(folder, file), text);
        const register = join(root, "packages/laptop-cloud/register.cjs");
        const runs = [1, 2].map(() => spawnSync(process.execPath, ["-r", register, "index.ts"], { cwd: folder, encoding: "utf8" }));
        rmSync(folder, { recursive: true });
        for (const run of runs) expect(run).to.include({ stdout: "hello 36\n", stderr: "" });
      });
    }
  });

  it("writes the same code as TypeScript 5, which Pulumi's own host loads, for every file that may contain a callback", () => {
    const options = readFileSync(join(root, "tsconfig.json"), "utf8");
    const { options: compilerOptions } = ts.parseJsonConfigFileContent(
      ts.parseConfigFileTextToJson("tsconfig.json", options).config,
      ts.sys,
      root,
    );
    Object.assign(compilerOptions, { noEmit: false, sourceMap: true, inlineSources: true });
    const components = readdirSync(join(root, "components"), { recursive: true, encoding: "utf8" }).filter(name => name.endsWith(".ts"));
    for (const file of ["index.ts", ...components.map(name => join("components", name))]) {
      const [fileName, text] = [join(root, file), readFileSync(join(root, file), "utf8")];
      const { outputText } = ts.transpileModule(text, { fileName, compilerOptions });
      expect(findTranspiled({ project: root, options }, fileName, text)!.outputText, file).to.equal(outputText);
    }
  });

  describe("a file that nobody has loaded yet", () => {
    let folder: string;
    let file: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "load-typescript-"));
      file = join(folder, "fails.ts");
      writeFileSync(
        file,
        `interface Unused { id: "${randomUUID()}" }\n\nconst text: string | undefined = undefined;\nthrow new Error(text ?? "failed");\n`,
      );
    });

    afterEach(() => rmSync(folder, { recursive: true }));

    it("needs no ts-node, and its errors name lines of TypeScript each time", () => {
      const listTsNode = `process.once("exit", () => console.log(Object.keys(require.cache).filter(file => file.includes("/ts-node/")).length));`;
      for (const { stderr, stdout } of [1, 2].map(() => loadWith(process.versions.node, `${listTsNode} require("${file}");`))) {
        expect(stderr).to.contain(`at Object.<anonymous> (${file}:4:7)`);
        expect(stdout).to.equal("0\n");
      }
    });

    it("is refused with TypeScript's message if it has a syntax error, and the other files of its folder are loaded", () => {
      writeFileSync(join(folder, "broken.ts"), `export const id = "${randomUUID()}";\nexport const = 1;\n`);
      writeFileSync(join(folder, "other.ts"), `export const other: string = "${randomUUID()}";\n`);
      const code = `console.log(require("${join(folder, "other")}").other.length); require("${join(folder, "broken")}");`;
      const { stdout, stderr } = loadWith(process.versions.node, code);
      expect(stdout).to.equal("36\n");
      expect(stderr).to.match(/broken\.ts[:(]2[:,]14.*TS1134/);
    });

    it("may be loaded before the command's source, which is an ES module that is read as text", () => {
      const code = `try { require("${file}"); } catch {} console.log(typeof require("./packages/dibs-cli/slack-fanout.mjs"));`;
      expect(loadWith(process.versions.node, code)).to.include({ stdout: "string\n", stderr: "" });
    });

    it("is transpiled with the tsconfig.json of the folder in which the process began", () => {
      expect(loadWith(process.versions.node, `process.chdir("/"); require("${file}");`).stderr).to.contain(`(${file}:4:7)`);
    });
  });
});
