import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { TranspilerFactory } from "ts-node";
import { ScriptTarget } from "typescript";

const { create } = require("../transpiler.cjs") as { create: TranspilerFactory };

describe("transpiler", () => {
  it("transpiles what ts-node has read, not what is on disk by now", () => {
    const project = join(__dirname, "../../..");
    const options = readFileSync(join(project, "tsconfig.json"), "utf8");
    const transpiler = create({ service: { config: { options: { sourceMap: true } } }, project, options } as never);
    const { outputText } = transpiler.transpile("export const edited: number = 1;", { fileName: join(__dirname, "../src/plugin.ts") });
    expect(outputText).to.contain("exports.edited = 1;");
  });

  it("keeps the name of a property that is also the name of its class", () => {
    const folder = mkdtempSync(join(tmpdir(), "transpiler-"));
    const fileName = join(folder, "named.ts");
    const text = `class Named { #id = "${randomUUID()}"; #build() { return { Named: this.#id }; } show() { return this.#build(); } }`;
    writeFileSync(fileName, text);
    const project = join(__dirname, "../../..");
    const options = readFileSync(join(project, "tsconfig.json"), "utf8");
    const config = { options: { target: ScriptTarget.ES2022, sourceMap: true } };
    const { outputText } = create({ service: { config }, project, options } as never).transpile(text, { fileName });
    rmSync(folder, { recursive: true });
    expect(outputText).to.contain("{ Named: this.#id }");
  });
});
