import { expect } from "chai";
import { buildSlotNote, buildSlotWait, buildStepKey, buildThreadKey, isEnded, isFinal, type TaskState } from "#core/agent/task";

describe("task", () => {
  const states: [state: TaskState, ended: boolean, final: boolean][] = [
    ["waiting", false, false],
    ["processing", false, false],
    ["done", true, true],
    ["stopped", true, true],
    ["failed", true, false],
  ];
  for (const [state, ended, final] of states) {
    it(`that is ${state} has ${ended ? "" : "not "}ended${ended && !final ? ", and may go on" : ""}`, () =>
      expect([isEnded({ state }), isFinal({ state })]).to.deep.equal([ended, final]));
  }

  it("never resumes after its time limit", () => {
    expect(isFinal({ state: "failed", isTimeUp: true })).to.equal(true);
  });

  it("has a thread of its own if it comes from /ask", () => {
    expect(buildThreadKey({ id: "a-ask", team: "T", channel: "C" })).to.equal("thread#a-ask");
    expect(buildThreadKey({ id: "a-ask", team: "T", channel: "C", threadTs: "1.2" }), "once the card is posted").to.equal("thread#T#C#1.2");
    expect(buildThreadKey({ id: "a", team: "T", channel: "C", threadTs: "1.2" })).to.equal("thread#T#C#1.2");
  });

  it("is retried soon while it waits for a slot, and less often after minutes", () => {
    const waits = [0, 60, 120, 3600].map(seconds => buildSlotWait({ createdAtMs: 0 }, seconds * 1000));
    expect(waits).to.deep.equal([5, 6, 12, 30]);
    expect(buildSlotWait({ createdAtMs: 1000 }, 0), "a clock that is behind").to.equal(5);
  });

  it("shows how many tasks of the user are running", () => {
    expect([buildSlotNote(1), buildSlotNote(3)].map(note => note.split(".")[0])).to.deep.equal([
      "Waiting: you have 1 task at work",
      "Waiting: you have 3 tasks at work",
    ]);
  });

  it("has step keys that sort in order", () => {
    const keys = [1, 9, 10, 999, 1000].map(buildStepKey);
    expect(keys).to.deep.equal([...keys].sort());
    expect(buildStepKey(3)).to.equal("step-0003");
  });
});
