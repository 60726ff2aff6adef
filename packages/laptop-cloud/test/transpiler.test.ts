import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { TranspilerFactory } from "ts-node";

const { create } = require("../transpiler.cjs") as { create: TranspilerFactory };

describe("transpiler", () => {
  it("transpiles what ts-node has read, not what is on disk by now", () => {
    const project = join(__dirname, "../../..");
    const options = readFileSync(join(project, "tsconfig.json"), "utf8");
    const transpiler = create({ service: { config: { options: { sourceMap: true } } }, project, options } as never);
    const { outputText } = transpiler.transpile("export const edited: number = 1;", { fileName: join(__dirname, "../src/plugin.ts") });
    expect(outputText).to.contain("exports.edited = 1;");
  });
});
