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
