import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Json, Task } from "#core/agent/task";
import { SCRIPT_HELP } from "#core/agent/task-script";
import type { ToolOutcome, Tools } from "../../../agent/brain";
import { ScriptedBrain } from "../../../agent/brains/scripted";
import { runThrough } from "../run-through";

const RESULTS: Record<string, Json> = {
  post_to_slack: { channel: "C0001", ts: "1.000001" },
  read_words: {
    words: [
      { word: "lunch", count: 12 },
      { word: "milk", count: 3 },
    ],
  },
  create_trello_card: { cardId: "c", url: "https://trello.test/c" },
  create_canvas: { canvasId: "F1" },
  claim_dibs: { status: "waiting", position: 2 },
  release_dibs: {},
};

describe("scripted", () => {
  let called: [name: string, args: Json][];
  let refusal: ToolOutcome | undefined;
  let nowMs = 0;
  const tools: Tools = {
    list: async () => [],
    readFile: async () => ({ reason: "it is gone." }),
    call: async (name, args) => {
      called.push([name, args]);
      return refusal ?? { ok: true, result: RESULTS[name]! };
    },
  };
  beforeEach(() => {
    called = [];
    refusal = undefined;
    nowMs = 1000;
  });

  const run = (text: string, kept?: Json[]) => {
    const task: Task = { id: "t", state: "processing", team: "T", channel: "C", user: "U", text, createdAtMs: 0, attempts: 1 };
    return runThrough(new ScriptedBrain(() => nowMs), task, tools, kept);
  };

  const scripts: [text: string, calls: [string, Json][], answer: string][] = [
    ["post hello", [["post_to_slack", { text: "hello" }]], "Posted: hello"],
    [
      "report words 2",
      [
        ["read_words", { limit: 2 }],
        ["post_to_slack", { text: "1. lunch: 12\n2. milk: 3" }],
      ],
      "Reported 2 words.",
    ],
    ["card Buy milk", [["create_trello_card", { name: "Buy milk" }]], "Made the card Buy milk: https://trello.test/c"],
    ["canvas Plan: milk", [["create_canvas", { title: "Plan", markdown: "milk" }]], "Made the canvas Plan."],
    ["claim staging for 2h", [["claim_dibs", { resource: "staging", for: "2h" }]], "Claimed staging (waiting)."],
    ["release staging", [["release_dibs", { resource: "staging" }]], "Released staging."],
    ["dance", [], SCRIPT_HELP],
    ["", [], SCRIPT_HELP],
    ["post a then dance", [["post_to_slack", { text: "a" }]], `Posted: a\n${SCRIPT_HELP}`],
  ];
  for (const [text, calls, answer] of scripts) {
    it(`does ${JSON.stringify(text)}`, async () => {
      expect((await run(text)).answer).to.equal(answer);
      expect(called).to.deep.equal(calls);
    });
  }

  it("says a text a few words at a time, and what came before it", async () => {
    const turn = { id: "t", text: "dance then say The quick brown fox jumps over the dog." } as Task;
    const { answer, shown } = await runThrough(new ScriptedBrain(() => (nowMs += 100)), turn, tools);
    expect(answer).to.equal(`${SCRIPT_HELP}\nThe quick brown fox jumps over the dog.`);
    expect(shown.map(each => each.slice(SCRIPT_HELP.length + 1))).to.deep.equal([
      "The quick brown fox ",
      "The quick brown fox jumps over the dog.",
    ]);
  });

  it("recalls the earlier requests of the thread, and lists its files", async () => {
    const said = { role: "person" as const, name: "ann", isRequest: true };
    const conversation = [
      { ...said, text: "post hello" },
      { ...said, text: "and me", isRequest: false },
      { ...said, text: "say hi" },
    ];
    const files = [{ id: "F1", name: "a.png", mimetype: "image/png", sizeBytes: 5 }];
    const turn = { id: "t", text: "recall then files", conversation, files } as unknown as Task;
    expect((await runThrough(new ScriptedBrain(), turn, tools)).answer).to.equal("post hello\nsay hi\na.png: 5 bytes");
    expect((await run("recall then files")).answer).to.equal("Nothing was asked before.\nNo files were shared.");
  });

  it("does what is said to it while it works", async () => {
    const turn = { id: "t", text: "post a", heard: ["post b"] } as unknown as Task;
    await runThrough(new ScriptedBrain(), turn, tools);
    expect(called.map(([, args]) => args)).to.deep.equal([{ text: "a" }, { text: "b" }]);
  });

  it("reports refusals and goes on", async () => {
    refusal = { ok: false, rule: "task-limit", message: "20 posts at most." };

    expect((await run("post a then report words")).answer).to.equal(
      "Not done: Post: a (task-limit): 20 posts at most.\nNot done: Read the top 10 words (task-limit): 20 posts at most.",
    );
    expect(called).to.have.length(2);
  });

  it("fails when told to", async () => expect(await rejectionOf(run("fail no milk"))).to.have.property("message", "no milk"));

  it("wakes up at the same time after it is resumed", async () => {
    nowMs = 7_201_000;

    expect((await run("sleep 2h", [7_201_000])).labels).to.deep.equal(["Set the alarm in 2 h", "Sleep 2 h"]);
  });
});
