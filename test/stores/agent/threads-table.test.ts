import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Task } from "#core/agent/task";
import { DELETED } from "#core/message/version";
import { NextTurns } from "#stores/agent/next-turns";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadsTable } from "#stores/agent/threads-table";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;

describe("threads-table", () => {
  let table: TasksTableUnderTest;
  let tasks: TasksTable;
  let threads: ThreadsTable;
  let place: { team: string; channel: string; threadTs: string };
  before(async () => {
    table = await createTasksTable();
    tasks = new TasksTable(table.client, table.name);
    threads = new ThreadsTable(table.client, table.name);
  });
  after(() => table.stop());
  beforeEach(() => {
    place = { team: "T0001", channel: randomUUID().replaceAll("-", ""), threadTs: "1.000100" };
  });

  const accept = (ts: string, text = "post hello"): Promise<Task> => {
    const id = `${place.team}-${place.channel}-${ts}`;
    return tasks.accept({ id, ...place, user: "U0001", text, createdAtMs: NOW_MS }, NOW_MS);
  };

  it("a turn is pending from its beginning to its end, and what it asked and answered is said", async () => {
    expect(await threads.read(place)).to.equal(undefined);
    const task = await accept("1.000100");
    const pending = [`1.000100#${task.id}`];
    expect(await threads.read(place)).to.deep.equal({ asker: "U0001", title: "post hello", pending, queued: [], suspended: [] });

    await threads.suspend(task, true, NOW_MS);
    expect(await threads.read(place)).to.deep.include({ suspended: pending });
    await tasks.finish(task, { state: "done", answer: "Posted." }, NOW_MS);
    expect(await threads.read(place)).to.deep.include({ pending: [], suspended: [] });
    expect(await threads.listSaid(place)).to.deep.equal([
      { ts: "1.000100", user: "U0001", text: "post hello", files: [], task: task.id, answer: "Posted." },
    ]);
  });

  it("accepting a turn again does not make it pending again", async () => {
    await tasks.finish(await accept("1.000100"), { state: "stopped" }, NOW_MS);
    await accept("1.000100");
    expect((await threads.read(place))?.pending).to.deep.equal([]);
  });

  it("what people said is kept once, in order, beside the turns", async () => {
    await accept("1.000100");
    const said = { user: "U0002", text: "me too", files: [{ id: "F1", name: "a.png", size: 1.5 }] };
    for (const ts of ["1.000300", "1.000200", "1.000300"]) await threads.keepSaid(place, { ...said, ts }, NOW_MS);
    await threads.keepSaid(place, { ...said, ts: "1.000100" }, NOW_MS);
    expect((await threads.listSaid(place)).map(({ ts, text }) => [ts, text])).to.deep.equal([
      ["1.000100", "post hello"],
      ["1.000200", "me too"],
      ["1.000300", "me too"],
    ]);
  });

  it("applies edits and deletions to what people said, in whatever order they come", async () => {
    await accept("1.000100");
    const said = { user: "U0002", text: "me too", files: [{ id: "F1" }] };
    const edit = (ts: string, order: string, text: string) => threads.reviseSaid(place, { ts, order, text }, NOW_MS);
    await edit("1.000100", "2", "<@UBOT01> post bye");
    await edit("1.000200", "2", "edited");
    await edit("1.000200", "1", "older");
    await threads.reviseSaid(place, { ts: "1.000050", order: DELETED }, NOW_MS);
    expect(await threads.listSaid(place), "a change of what was never kept does not stand for it").to.have.length(1);
    for (const ts of ["1.000200", "1.000300"]) await threads.keepSaid(place, { ...said, ts }, NOW_MS);
    await threads.reviseSaid(place, { ts: "1.000300", order: DELETED }, NOW_MS);
    await threads.keepSaid(place, { ...said, ts: "1.000300" }, NOW_MS);
    await edit("1.000300", "9", "edited after all");
    expect(
      (await threads.listSaid(place)).map(({ ts, text, files, isDeleted = false }) => [ts, text, files.length, isDeleted]),
    ).to.deep.equal([
      ["1.000100", "post bye", 0, false],
      ["1.000200", "edited", 1, false],
      ["1.000300", "", 0, true],
    ]);
  });

  it("a turn whose message was deleted before it came has no words", async () => {
    await threads.reviseSaid(place, { ts: "1.000100", order: DELETED }, NOW_MS);
    await accept("1.000100", "the secret");
    expect((await threads.listSaid(place)).map(({ text, isDeleted }) => [text, isDeleted])).to.deep.equal([["", true]]);
  });

  it("a change is due until it is shown, unless another one follows", async () => {
    const task = await accept("1.000100");
    const due = (await threads.readDue(task))!;
    await tasks.finish(task, { state: "stopped" }, NOW_MS + 1);
    await threads.removeDue(due);
    const isListed = async () => (await threads.listDue(NOW_MS + 2)).some(({ turn }) => turn === task.id);
    expect(await isListed(), "after the later change").to.equal(true);
    await threads.removeDue((await threads.readDue(task))!);
    expect(await isListed()).to.equal(false);
  });

  describe("the next turn", () => {
    it("is the first by Slack's ts of those that wait and have not ended", async () => {
      const sent: string[] = [];
      const next = new NextTurns(tasks, threads, async body => void sent.push(body));
      const [running, third, second, ended] = await Promise.all(["9.000100", "10.000300", "10.000200", "9.000200"].map(ts => accept(ts)));
      for (const task of [third!, second!, ended!]) await threads.queue(task, NOW_MS);
      await tasks.finish(ended!, { state: "stopped" }, NOW_MS);

      expect((await next.list(running!)).map(({ id }) => id)).to.deep.equal([second!.id, third!.id]);
      await next.wake(running!);
      expect(sent.map(body => JSON.parse(body))).to.have.lengthOf(1);
      expect(JSON.parse(sent[0]!)).to.deep.include({ type: "slack.next", id: `${second!.id}-next` });
    });
  });
});
