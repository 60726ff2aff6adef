import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { compile } from "./compile";

const root = resolve(__dirname, "../..");
const guide = readFileSync(join(root, "docs/guides/brains-and-tools.md"), "utf8");

const readExample = (begins: string): string => {
  const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
  const found = blocks.find(code => code.startsWith(begins));
  if (found === undefined) throw new Error(`The guide has no example that begins with ${begins}`);
  return found;
};

const BRAIN = join(root, "agent/brains/countdown.ts");
const BRAIN_TEST = join(root, "test/agent/countdown.test.ts");

/** The rest of the brain's test. */
const IMPORTS = `import { expect } from "chai";
import { CountdownBrain } from "../../agent/brains/countdown";
import type { Tools, Turn } from "../../agent/brain";
declare const turn: Turn;
declare const tools: Tools;
`;

describe("docs/guides/brains-and-tools.md", () => {
  it("has a brain and a test that compile", () => {
    const test = `${IMPORTS}void (async () => {\n${readExample("const thinking =")}})();\n`;
    const files = new Map([
      [BRAIN, readExample("/** Counts down")],
      [BRAIN_TEST, test],
    ]);
    expect(compile(root, files)).to.deep.equal([]);
  });

  it("would not compile with a mistake in it", () => {
    const wrong = readExample("/** Counts down").replace("tools.call(", "tools.shout(");
    expect(compile(root, new Map([[BRAIN, wrong]]))).to.have.lengthOf(1);
  });
});
