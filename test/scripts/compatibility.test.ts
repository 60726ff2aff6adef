import { join } from "node:path";
import { expect } from "chai";
import { merge, PAGE, RESULTS } from "../../scripts/compatibility";
import { findExamples } from "../../scripts/compatibility/examples";
import { describeVersions, mergeRanges } from "../../scripts/compatibility/packages";
import { buildPage, type Results } from "../../scripts/compatibility/page";
import { judgeErrors } from "../../scripts/compatibility/trial";
import { readText } from "../../scripts/write-files";

const checkout = join(__dirname, "compatibility/examples");

describe("compatibility", () => {
  it("docs/compatibility.md is what the stored results give", () => {
    expect(readText(PAGE)).to.equal(buildPage(JSON.parse(readText(RESULTS)) as Results));
  });

  describe("an error", () => {
    for (const [errors, outcome, reason] of [
      [
        'warning: [runtime] odd\n"a" (aws:sqs/queue:Queue): fifoQueue is true: no.\n',
        "refused",
        '"a" (aws:sqs/queue:Queue): fifoQueue is true: no.',
      ],
      [
        'The role "a" has the policy P, which the laptop cloud does not imitate. It knows Q, R.\n',
        "refused",
        'The role "a" has the policy P, which the laptop cloud does not imitate.',
      ],
      ["TypeError: x is not a function\n    at f (index.ts:1:1)\n    at g\n", "needs a change", "TypeError: x is not a function"],
      [
        "Error: Cannot find module 'pcloudinit'\nRequire stack:\n- index.ts\n",
        "needs a change",
        "The package pcloudinit can't be installed.",
      ],
      [
        '"a" (aws:lambda/function:Function): runtime is "nodejs16.x", which AWS has deprecated: the laptop cloud takes nodejs20.x.',
        "needs a change",
        '"a" (aws:lambda/function:Function): runtime is "nodejs16.x", which AWS has deprecated: the laptop cloud takes nodejs20.x.',
      ],
      ["", "needs a change", "It ended without a word."],
    ] as const) {
      it(`is judged "${outcome}": ${reason}`, () => expect(judgeErrors(errors)).to.deep.equal({ outcome, reason }));
    }
  });

  it("finds the programs for Node.js in each example, with their packages", () => {
    expect(findExamples(checkout)).to.deep.equal([
      { name: "aws-js-function", packages: { "@pulumi/aws": "7.23.0", "@pulumi/pulumi": "3.228.0" } },
      { name: "aws-js-network", packages: { "@pulumi/aws": "6.1.0", "@pulumi/pulumi": "latest" } },
      { name: "aws-ts-nothing/program", packages: {} },
    ]);
  });

  it("installs the newest range that a program wants, and the laptop cloud's own", () => {
    const examples: Record<string, string>[] = [{ a: "1.9.0", b: "latest", own: "1.0.0" }, { a: "^1.10.0", b: "^2.0.0" }, { a: "latest" }];
    const named = examples.map((packages, index) => ({ name: String(index), packages }));
    expect(mergeRanges(named, { own: "^3.0.0" })).to.deep.equal({ a: "^1.10.0", b: "^2.0.0", own: "^3.0.0" });
  });

  it("tells which packages are installed in another major version", () => {
    expect(describeVersions(join(__dirname, "../.."), findExamples(checkout)[1]!)).to.deep.equal(["@pulumi/aws 6, not 7"]);
  });

  it("keeps the stored rows of programs that were not tried", () => {
    const row = (name: string, reason: string) => ({ name, outcome: "works", reason }) as const;
    expect(merge([row("a", "old"), row("c", "old")], [row("c", "new"), row("b", "new")])).to.deep.equal([
      row("a", "old"),
      row("b", "new"),
      row("c", "new"),
    ]);
  });
});
