import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { findEntryPoint, listLoadedFiles, loadProgram } from "../../src/program/load";

describe("loading a program", () => {
  const home = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "slack-fanout-program-")));
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  const write = (files: Record<string, string>) => {
    for (const [path, text] of Object.entries({ "Pulumi.yaml": "name: small\nruntime: nodejs\n", ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };

  const load = async () => loadProgram(findEntryPoint(folder));

  it("takes what the program exports", async () => {
    write({ "index.js": "exports.url = 'u';" });
    expect(await load()).to.deep.equal({ url: "u" });
  });

  for (const [kind, text] of [
    ["a function", "module.exports = () => ({ url: 'u' });"],
    ["an async function", "module.exports = async () => ({ url: 'u' });"],
  ] as const) {
    it(`calls ${kind} that is exported`, async () => {
      write({ "index.js": text });
      expect(await load()).to.deep.equal({ url: "u" });
    });
  }

  it("has no outputs if the function returns nothing", async () => {
    write({ "index.js": "module.exports = async () => {};" });
    expect(await load()).to.deep.equal({});
  });

  it("runs main of Pulumi.yaml, in its folder", async () => {
    write({ "Pulumi.yaml": "name: small\nmain: infra/\n", "infra/index.js": "exports.cwd = process.cwd();" });
    expect(await load()).to.deep.equal({ cwd: join(folder, "infra") });
  });

  it("refuses a main that is missing", async () => {
    write({ "Pulumi.yaml": "name: small\nmain: infra/\n" });
    expect((await rejectionOf<Error>(load())).message).to.match(/^main in .*Pulumi\.yaml is "infra\/", but must be a file or folder/);
  });

  describe("that is an ECMAScript module", () => {
    const packageFile = { "package.json": '{"type": "module"}' };

    it("lists its files", async () => {
      write({ ...packageFile, "index.js": 'export { url } from "./lib/url.js";', "lib/url.js": "export const url = 'u';" });
      await load();
      expect(listLoadedFiles()).to.include.members([join(folder, "index.js"), join(folder, "lib/url.js")]);
    });

    it("takes its named exports", async () => {
      write({ ...packageFile, "index.js": "export const url = 'u';" });
      expect({ ...(await load()) }).to.deep.equal({ url: "u" });
    });

    it("calls its default export", async () => {
      write({ ...packageFile, "index.js": "export default async () => ({ url: 'u' });" });
      expect(await load()).to.deep.equal({ url: "u" });
    });

    it("may be TypeScript with all of the language, and its imports end in .js", async () => {
      write({
        ...packageFile,
        "index.ts": 'import { Stage } from "./stage.js"; export const stage: Stage = Stage.Test;',
        "stage.ts": 'export enum Stage { Test = "test" }',
      });
      expect({ ...(await load()) }).to.deep.equal({ stage: "test" });
    });

    it("runs main of package.json", async () => {
      write({ "package.json": '{"type": "module", "main": "src/index.ts"}', "src/index.ts": "export const url: string = 'u';" });
      expect({ ...(await load()) }).to.deep.equal({ url: "u" });
    });

    it("refuses a default export beside named ones", async () => {
      write({ ...packageFile, "index.js": "export default 1; export const url = 'u';" });
      expect((await rejectionOf<Error>(load())).message).to.match(/has a default export and url\. It can have only one of the two\.$/);
    });
  });
});
