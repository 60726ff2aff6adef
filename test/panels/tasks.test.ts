import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import type { Workspace } from "@slack-fanout/pretend-slack/protocol";
import { expect } from "chai";
import { buildTasks } from "../../panels/tasks";

const channels = [
  { id: "C0001", members: ["U0001", "U0002"] },
  { id: "G0001", members: ["U0001"] },
];

describe("agents panel", () => {
  it("shows tasks with their steps, newest first, and private ones to members only", () => {
    const task = (id: string, channel: string, createdMs: number) => ({
      task: id,
      item: "task",
      state: "done",
      channel,
      user: "U0001",
      text: id,
      created_at: createdMs,
    });
    const items = [
      { ...task("public", "C0001", 1000), started_at: 1500 },
      task("private", "G0001", 2000),
      { task: "public", item: "step#0002", label: "Answer", at: 9000 },
      { task: "public", item: "step#0001", label: "Sleep", at: 2500 },
    ];
    const rows: Items = { name: "t", table: "t", keys: [], sortedBy: null, items, count: items.length, hasMore: false };
    const seenBy = (user: string) => buildTasks({ channels } as unknown as Workspace, user, rows);

    expect(seenBy("U0001").map(({ text }) => text)).to.deep.equal(["private", "public"]);
    const [shown, ...others] = seenBy("U0002");
    expect(others).to.deep.equal([]);
    expect(shown!.steps.map(({ label, ms }) => [label, ms])).to.deep.equal([
      ["Sleep", 1000],
      ["Answer", 6500],
    ]);
  });

  it("tells until when a sleeping task sleeps", () => {
    const task = { task: "a", item: "task", state: "processing", channel: "C0001", user: "U0001", text: "a", created_at: 0 };
    const steps = [
      { task: "a", item: "step#0001", label: "Set the alarm in 2 h", output: "7200000", at: 1 },
      { task: "a", item: "step#0002", label: "Sleep 2 h", output: "null", at: 7_200_000 },
    ];
    const alarmAfter = (count: number) => {
      const items = [task, ...steps.slice(0, count)];
      const rows: Items = { name: "t", table: "t", keys: [], sortedBy: null, items, count: items.length, hasMore: false };
      return buildTasks({ channels } as unknown as Workspace, "U0001", rows)[0]!.alarmMs;
    };
    expect([0, 1, 2].map(alarmAfter)).to.deep.equal([undefined, 7_200_000, undefined]);
  });
});
