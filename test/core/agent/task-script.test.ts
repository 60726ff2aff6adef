import { expect } from "chai";
import { parseScript, type ScriptCommand } from "#core/agent/task-script";

describe("task-script", () => {
  const scripts: [text: string, commands: ScriptCommand[]][] = [
    ["sleep 2h", [{ verb: "sleep", seconds: 7200 }]],
    ["Sleep 90 minutes", [{ verb: "sleep", seconds: 5400 }]],
    ["sleep 1s", [{ verb: "sleep", seconds: 1 }]],
    ["post hello, world", [{ verb: "post", text: "hello, world" }]],
    ["post a; post b\npost c then post d", ["a", "b", "c", "d"].map(text => ({ verb: "post" as const, text }))],
    ["fail", [{ verb: "fail", reason: "The task asked for a failure." }]],
    ["fail no milk", [{ verb: "fail", reason: "no milk" }]],
    ["report words", [{ verb: "report", limit: 10 }]],
    ["report words 3", [{ verb: "report", limit: 3 }]],
    ["card Buy milk", [{ verb: "card", name: "Buy milk" }]],
    ["canvas Plan: first: milk", [{ verb: "canvas", title: "Plan", text: "first: milk" }]],
    ["claim staging", [{ verb: "claim", resource: "staging" }]],
    ["claim staging for 2h", [{ verb: "claim", resource: "staging", span: "2h" }]],
    ["release staging", [{ verb: "release", resource: "staging" }]],
    [" ;\n ; ", []],
    ["", []],
  ];
  for (const [text, commands] of scripts) {
    it(`reads ${JSON.stringify(text)}`, () => expect(parseScript(text)).to.deep.equal(commands));
  }

  for (const text of [
    "dance",
    "constructor",
    "sleep",
    "sleep soon",
    "post",
    "card",
    "canvas Plan",
    "canvas : x",
    "claim",
    "release",
    "report",
    "report cards",
    "report words 51",
    "report words 0",
  ]) {
    it(`explains what is wrong with ${JSON.stringify(text)}`, () => {
      const [command] = parseScript(text);

      expect(command?.verb).to.equal("unknown");
      expect(command).to.have.property("problem").that.is.a("string").and.not.empty;
    });
  }
});
