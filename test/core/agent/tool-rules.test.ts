import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { chooseChannel, choosePlace, type TaskPlace } from "#core/agent/tool-rules";

const THREAD = "1763805600.000100";
const OTHER = "1700000000.000001";
const TASK: TaskPlace = { channel: "C0001", threadTs: THREAD };

describe("tool-rules", () => {
  describe("choosePlace", () => {
    for (const [said, asked, task, allowed, place] of [
      ["the task's own place where nothing is asked", {}, TASK, ["C0002"], { channel: "C0001", threadTs: THREAD }],
      ["the task's thread, whatever is asked", { channel: "C0001", thread: OTHER }, TASK, [], { channel: "C0001", threadTs: THREAD }],
      [
        "also where its channel is configured",
        { channel: "C0001", thread: OTHER },
        TASK,
        ["C0001"],
        { channel: "C0001", threadTs: THREAD },
      ],
      ["no thread before there is one", { thread: OTHER }, { channel: "C0001" }, [], { channel: "C0001" }],
      ["a configured channel", { channel: "C0002" }, TASK, ["C0002"], { channel: "C0002" }],
      ["a thread of a configured channel", { channel: "C0002", thread: OTHER }, TASK, ["C0002"], { channel: "C0002", threadTs: OTHER }],
      ["the first configured channel without a task", {}, undefined, ["C0002", "C0003"], { channel: "C0002" }],
    ] as const) {
      it(`chooses ${said}`, () => expect(choosePlace(asked, task, allowed)).to.deep.equal(place));
    }

    for (const [said, asked, task, allowed, rule] of [
      ["another channel", { channel: "C0009" }, TASK, ["C0002"], "channel"],
      ["any channel without a task where none is configured", {}, undefined, [], "channel"],
      ["a task's channel without the task", { channel: "C0001" }, undefined, ["C0002"], "channel"],
      ["something that is not a ts", { channel: "C0002", thread: "latest" }, TASK, ["C0002"], "thread"],
    ] as const) {
      it(`refuses ${said}`, () => expect(thrownBy(() => choosePlace(asked, task, allowed))).to.include({ name: "ToolRefused", rule }));
    }
  });

  describe("chooseChannel", () => {
    it("shortens an unknown channel in the error", () => {
      const { message } = thrownBy(() => chooseChannel("C".repeat(500), TASK, [])) as Error;
      expect(message.length).to.be.lessThan(200);
    });
  });
});
