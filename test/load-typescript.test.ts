import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "..");

/** Loads TypeScript as scripts do, in a process that takes itself for this version of Node.js, and runs some code. */
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

    const listTsNode = `process.once("exit", () => console.log(Object.keys(require.cache).filter(file => file.includes("/ts-node/")).length));`;

    it("needs ts-node only the first time, and its errors name lines of TypeScript each time", () => {
      const [first, second] = [1, 2].map(() => loadWith(process.versions.node, `${listTsNode} require("${file}");`));
      for (const { stderr } of [first!, second!]) expect(stderr).to.contain(`at Object.<anonymous> (${file}:4:7)`);
      expect([Number(first!.stdout) > 0, Number(second!.stdout)]).to.deep.equal([true, 0]);
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
