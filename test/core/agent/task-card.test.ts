import { expect } from "chai";
import fc from "fast-check";
import { buildTaskCard, type Progress } from "#core/agent/task-card";
import { TASK_STATES } from "#core/agent/tools";

const NOW_MS = 1_763_805_600_000;
const TASK = { id: "t1", user: "U0001", text: "count <words>\nplease", createdAtMs: NOW_MS - 7_500_000 };

const build = (progress: Partial<Progress> = {}) => {
  const { text, blocks } = buildTaskCard(TASK, { state: "processing", steps: [], ...progress }, NOW_MS);
  const section = (blocks[0]!["text"] as { text: string }).text;
  return { text, lines: section.split("\n"), section, hasStop: JSON.stringify(blocks).includes("agent_stop") };
};

describe("task-card", () => {
  it("shows state, time, request, steps and note", () => {
    const { text, lines } = build({
      steps: [
        { label: "read words", state: "done" },
        { label: "post <!here>", state: "processing" },
      ],
      note: "waits for approval",
    });
    expect(text).to.equal("Working: count &lt;words&gt; please");
    expect(lines).to.deep.equal([
      ":arrow_forward: *Working* for 2 h 5 min",
      "> <@U0001>: count &lt;words&gt; please",
      ":white_check_mark: read words",
      ":arrow_forward: post &lt;!here&gt;",
      "waits for approval",
    ]);
  });

  it("has a Stop button until it ends", () => {
    expect(TASK_STATES.map(state => [state, build({ state }).hasStop])).to.deep.equal([
      ["waiting", true],
      ["processing", true],
      ["done", false],
      ["stopped", false],
      ["failed", false],
    ]);
    expect(build({ state: "failed" }).lines[0]).to.equal(":x: *Failed* after 2 h 5 min");
  });

  it("shows the last eight steps and the number of earlier ones", () => {
    const steps = Array.from({ length: 10 }, (_, n) => ({ label: `step ${n + 1}`, state: "done" as const }));
    expect(build({ steps }).lines.slice(2)).to.deep.equal([
      "_2 earlier steps_",
      ...Array.from({ length: 8 }, (_, n) => `:white_check_mark: step ${n + 3}`),
    ]);
  });

  it("fits into a section, whatever the content", () => {
    const label = fc.oneof(fc.string({ maxLength: 500 }), fc.constantFrom("<".repeat(400), "&".repeat(400)));
    const step = fc.record({ label, state: fc.constantFrom(...TASK_STATES) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), label, (steps, note) => {
        expect(build({ steps, note }).section.length).to.be.lessThan(3001);
      }),
    );
  });
});
