import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildDiagram, type Definition, placeDiagram } from "../../scripts/diagram";

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

  it("draws choices with the texts that they compare, and branches in a box", () => {
    const definition: Definition = {
      StartAt: "kind",
      States: {
        kind: { Type: "Choice", Choices: [{ And: [{}, { StringEquals: "guest" }], Next: "both" }], Default: "last" },
        both: {
          Type: "Parallel",
          Branches: [
            { StartAt: "one", States: { one: { Type: "Task", Next: "two" }, two: { Type: "Task", End: true } } },
            { StartAt: "three", States: { three: { Type: "Task", End: true } } },
          ],
          Next: "last",
        },
        last: { Type: "Task", End: true },
      },
    };
    expect(buildDiagram(definition).split("\n").slice(2, -1)).to.deep.equal([
      "  started((started)) --> kind",
      "  kind{kind}",
      "  subgraph both",
      "    one[one]",
      "    two[two]",
      "    three[three]",
      "  end",
      "  last[last]",
      "  kind -- guest --> both",
      "  kind -- otherwise --> last",
      "  one --> two",
      "  both --> last",
      "  last --> done((done))",
    ]);
  });

  it("refuses a guide without markers", () => {
    expect(thrownBy(() => placeDiagram("# Guide", "x"))).to.be.instanceOf(Error);
  });
});
