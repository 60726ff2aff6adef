import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
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
const WRONG_BRAIN = join(root, "agent/brains/wrong-countdown.ts");
const BRAIN_TEST = join(root, "test/agent/countdown.test.ts");

/** The rest of the brain's test. */
const IMPORTS = `import { expect } from "chai";
import { CountdownBrain } from "../../agent/brains/countdown";
import type { Tools, Turn } from "../../agent/brain";
declare const turn: Turn;
declare const tools: Tools;
`;

describe("docs/guides/brains-and-tools.md", () => {
  let mistakes: string[];

  // In one program, because the compiler reads the declarations of all packages for each.
  before(() => {
    const brain = readExample("/** Counts down");
    const test = `${IMPORTS}void (async () => {\n${readExample("const thinking =")}})();\n`;
    const wrong = brain.replace("tools.call(", "tools.shout(");
    mistakes = compile(
      root,
      new Map([
        [BRAIN, brain],
        [BRAIN_TEST, test],
        [WRONG_BRAIN, wrong],
      ]),
    );
  });

  const isOfWrongBrain = (mistake: string) => mistake.startsWith(relative(root, WRONG_BRAIN));

  it("has a brain and a test that compile", () => {
    expect(mistakes.filter(mistake => !isOfWrongBrain(mistake))).to.deep.equal([]);
  });

  it("would not compile with a mistake in it", () => {
    expect(mistakes.filter(isOfWrongBrain)).to.have.lengthOf(1);
  });
});
