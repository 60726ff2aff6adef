import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildDiagram, type Definition, guides, placeDiagram } from "../../scripts/diagram";
import { runWholeProgram } from "../program";

const root = join(__dirname, "../..");

describe("diagram", () => {
  it("draws every state and transition", () => {
    const definition: Definition = {
      StartAt: "one",
      States: {
        one: { Type: "Task", Next: "many", Catch: [{ ErrorEquals: ["States.ALL"], Next: "failed" }] },
        many: { Type: "Map", MaxConcurrency: 10, Next: "tellNotification" },
        tellNotification: { Type: "Task", End: true },
        failed: { Type: "Fail" },
      },
    };
    expect(buildDiagram(definition).split("\n")).to.deep.equal([
      "```mermaid",
      "flowchart TD",
      "  started((started)) --> one",
      "  one[one]",
      '  many[["many, 10 at once"]]',
      "  tellNotification[/tellNotification/]",
      "  failed{{failed}}",
      "  one --> many",
      "  one -. States.ALL .-> failed",
      "  many --> tellNotification",
      "  tellNotification --> done((done))",
      "```",
    ]);
  });

  it("refuses a guide without markers", () => {
    expect(thrownBy(() => placeDiagram("# Guide", "x"))).to.be.instanceOf(Error);
  });

  it("is up to date in every guide (npm run diagram)", async () => {
    const { inventory } = await runWholeProgram();
    const machines = inventory.ofType("aws:sfn/stateMachine:StateMachine");
    for (const [machine, path] of Object.entries(guides)) {
      const definition = machines.find(({ name }) => name === machine)?.inputs["definition"] as string;
      const guide = await readFile(join(root, path), "utf8");
      expect(placeDiagram(guide, buildDiagram(JSON.parse(definition) as Definition)), path).to.equal(guide);
    }
  });
});
