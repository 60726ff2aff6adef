import { randomUUID } from "node:crypto";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildThreadKey } from "#core/agent/task";
import type { TaskRequest } from "#core/agent/task-request";
import { Deadline } from "#core/deadline";
import { LeaseLost, NotDurable, NotFound, TooLarge } from "#core/errors";
import { MAX_OUTPUT_BYTES, TasksTable } from "#stores/agent/tasks-table";
import { type Lease, ThreadLeases } from "#stores/agent/thread-leases";
import { Table } from "#stores/table";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;

describe("tasks-table", () => {
  let table: TasksTableUnderTest;
  let tasks: TasksTable;
  let leases: ThreadLeases;
  before(async () => {
    table = await createTasksTable();
    tasks = new TasksTable(table.client, table.name);
    leases = new ThreadLeases(table.client, table.name);
  });
  after(() => table.stop());

  const buildRequest = (overrides: Partial<TaskRequest> = {}): Omit<TaskRequest, "messageId"> => ({
    id: randomUUID(),
    team: "T0001",
    channel: randomUUID(),
    user: "U0001",
    text: "sleep 2h",
    threadTs: "1763805600.000100",
    createdAtMs: NOW_MS,
    ...overrides,
  });
  const buildLease = (request: Omit<TaskRequest, "messageId">): Lease => ({
    thread: buildThreadKey(request),
    taskId: request.id,
    leaseId: randomUUID(),
  });
  /** A task that somebody works on. */
  const begin = async () => {
    const request = buildRequest();
    const lease = buildLease(request);
    await tasks.accept(request, NOW_MS);
    await leases.acquire(lease, NOW_MS, NOW_MS + 100);
    await tasks.begin({ id: request.id, attempts: 0 }, NOW_MS);
    return { request, lease };
  };
  const readRow = (task: string, item: string) => new Table(table.client, table.name).get<{ expires_at: number }>({ task, item });

  describe("tasks", () => {
    it("are accepted once; a second attempt returns the existing task", async () => {
      const request = buildRequest();
      const waiting = { ...request, state: "waiting", attempts: 0 };

      expect(await tasks.accept(request, NOW_MS)).to.deep.equal(waiting);
      expect(await tasks.accept({ ...request, text: "other" }, NOW_MS + 1)).to.deep.equal(waiting);
      expect(await tasks.read(request.id)).to.deep.equal(waiting);
      expect(await tasks.read(randomUUID())).to.equal(undefined);
      expect((await readRow(request.id, "task"))?.expires_at).to.equal(NOW_MS / 1000 + 30 * 86_400);
    });

    it("are accepted within the door's deadline, or not at all", async () => {
      const request = buildRequest();
      const over = new Deadline(0);

      expect(await rejectionOf(tasks.accept(request, NOW_MS, over))).to.be.instanceOf(NotDurable);
      expect(await rejectionOf(tasks.findActive("T0001", request.channel, over))).to.be.instanceOf(NotDurable);
      expect(await rejectionOf(tasks.requestStop(request.id, "U0002", NOW_MS, over))).to.be.instanceOf(NotDurable);
    });

    it("record that they ran out of time", async () => {
      const { request, lease } = await begin();
      await tasks.finish(request, { state: "failed", error: "late", isTimeUp: true }, NOW_MS, lease);

      expect(await tasks.read(request.id)).to.include({ state: "failed", error: "late", isTimeUp: true });
    });

    it("keep their first start when they are resumed", async () => {
      const { request } = await begin();

      expect(await tasks.begin({ id: request.id, attempts: 1 }, NOW_MS + 5)).to.deep.include({
        state: "processing",
        startedAtMs: NOW_MS,
        attempts: 2,
      });
      expect(await tasks.handBack(request.id)).to.include({ state: "waiting", startedAtMs: NOW_MS });
      expect(await tasks.waitForSlot(request.id)).to.include({ state: "waiting", hasNoSlot: true });
      expect(await tasks.begin({ id: request.id, attempts: 1 }, NOW_MS + 1))
        .to.include({ attempts: 2 })
        .and.not.have.property("hasNoSlot");
    });

    it("can't be begun if they are unknown", async () => {
      expect(await rejectionOf(tasks.begin({ id: randomUUID(), attempts: 0 }, NOW_MS))).to.be.instanceOf(NotFound);
    });

    it("end once and for good", async () => {
      const { request, lease } = await begin();

      expect(await tasks.finish(request, { state: "done", answer: "It is done." }, NOW_MS, lease)).to.equal(true);
      expect(await tasks.finish(request, { state: "failed", error: "no" }, NOW_MS, lease)).to.equal(false);
      expect(await tasks.finish(request, { state: "stopped" }, NOW_MS)).to.equal(false);
      expect(await tasks.begin({ id: request.id, attempts: 1 }, NOW_MS)).to.deep.include({
        state: "done",
        answer: "It is done.",
        attempts: 1,
      });
      expect(await tasks.handBack(request.id)).to.include({ state: "done" });
      expect(await readRow(request.id, "task")).to.not.have.any.keys("active", "error");
    });

    it("are reopened if they failed, with a new time limit", async () => {
      const { request, lease } = await begin();
      await tasks.requestStop(request.id, "U0001", NOW_MS);
      await tasks.finish(request, { state: "failed", error: "no milk" }, NOW_MS, lease);
      await tasks.reopen(request, NOW_MS + 1);

      expect(await tasks.read(request.id)).to.deep.equal({ ...request, state: "waiting", attempts: 1 });
      expect((await tasks.findActive(request.team, request.channel)).map(({ id }) => id)).to.deep.equal([request.id]);
    });

    it("are not reopened unless they failed", async () => {
      const { request, lease } = await begin();
      await tasks.finish(request, { state: "done", answer: "x" }, NOW_MS, lease);

      await tasks.reopen(request, NOW_MS);

      expect(await tasks.read(request.id)).to.include({ state: "done" });
    });

    it("are found in their channel while they are unfinished, oldest first", async () => {
      const channel = randomUUID();
      const [second, first, ended] = [2, 1, 0].map(ms => buildRequest({ channel, createdAtMs: NOW_MS + ms }));
      for (const request of [second!, first!, ended!, buildRequest()]) await tasks.accept(request, NOW_MS);
      await tasks.finish(ended!, { state: "stopped" }, NOW_MS);

      expect((await tasks.findActive("T0001", channel)).map(({ id }) => id)).to.deep.equal([first!.id, second!.id]);
    });

    it("are found by who asked, in every channel of the workspace, while they are unfinished", async () => {
      const user = randomUUID();
      const [second, first, failed] = [2, 1, 0].map(ms => buildRequest({ user, createdAtMs: NOW_MS + ms }));
      const others = [buildRequest(), buildRequest({ user, team: "T0002" })];
      for (const request of [second!, first!, failed!, ...others]) await tasks.accept(request, NOW_MS);
      await tasks.finish(failed!, { state: "failed" }, NOW_MS);
      const find = async () => (await tasks.findOfUser("T0001", user)).map(({ id }) => id);
      expect(await find()).to.deep.equal([first!.id, second!.id]);
      await tasks.reopen(failed!, NOW_MS);
      expect(await find()).to.deep.equal([failed!.id, first!.id, second!.id]);
    });

    it("are no longer found by who asked once another turn has heard them", async () => {
      const { request, lease } = await begin();
      const heard = buildRequest({ user: randomUUID(), channel: request.channel });
      await tasks.accept(heard, NOW_MS);
      await tasks.checkpoint(request.id, { number: 1, label: "s", output: null, heard: { ...heard, files: [] } }, lease, NOW_MS);
      expect(await tasks.findOfUser("T0001", heard.user)).to.deep.equal([]);
    });

    it("are asked to stop once, and only before they have ended", async () => {
      const { request, lease } = await begin();

      expect(await tasks.requestStop(request.id, "U0002", NOW_MS)).to.equal(true);
      expect(await tasks.requestStop(request.id, "U0002", NOW_MS), "its own repetition").to.equal(true);
      expect(await tasks.requestStop(request.id, "U0003", NOW_MS + 1)).to.equal(false);
      expect(await tasks.read(request.id)).to.include({ stopBy: "U0002" });
      await tasks.finish(request, { state: "stopped" }, NOW_MS, lease);
      expect(await tasks.requestStop(request.id, "U0003", NOW_MS)).to.equal(false);
      expect(await tasks.requestStop(randomUUID(), "U0003", NOW_MS)).to.equal(false);
    });

    it("get the thread of their first card if they have none", async () => {
      const request = buildRequest({ threadTs: undefined });
      await tasks.accept(request, NOW_MS);
      await tasks.keepCard(request, { ts: "1.000001", threadTs: "1.000001" }, NOW_MS);
      await tasks.keepCard(request, { ts: "2.000002", threadTs: "2.000002" }, NOW_MS + 1);

      expect(await tasks.read(request.id)).to.include({ cardTs: "1.000001", threadTs: "1.000001" });
    });
  });

  describe("checkpoints", () => {
    it("are read in order", async () => {
      const { request, lease } = await begin();
      for (const number of [1, 2, 10, 11])
        await tasks.checkpoint(request.id, { number, label: `s${number}`, output: { number } }, lease, NOW_MS);

      expect(await tasks.readSteps(request.id)).to.deep.equal(
        [1, 2, 10, 11].map(number => ({ number, label: `s${number}`, output: { number } })),
      );
    });

    it("are read from all pages", async () => {
      const { request, lease } = await begin();
      // Five of these make more than the megabyte of one page.
      const output = "x".repeat(MAX_OUTPUT_BYTES - 2);
      for (let number = 1; number <= 5; number += 1) await tasks.checkpoint(request.id, { number, label: "s", output }, lease, NOW_MS);

      expect((await tasks.readSteps(request.id)).map(({ number }) => number)).to.deep.equal([1, 2, 3, 4, 5]);
    });

    it("are refused if they are too large", async () => {
      const { request, lease } = await begin();
      const output = "x".repeat(MAX_OUTPUT_BYTES - 1);

      expect(await rejectionOf(tasks.checkpoint(request.id, { number: 1, label: "s", output }, lease, NOW_MS))).to.be.instanceOf(TooLarge);
    });

    it("are refused, like endings, from a worker that has lost its lease", async () => {
      const { request, lease } = await begin();
      await leases.acquire(buildLease(request), NOW_MS + 101, NOW_MS + 200);

      expect(await rejectionOf(tasks.checkpoint(request.id, { number: 1, label: "s", output: null }, lease, NOW_MS))).to.be.instanceOf(
        LeaseLost,
      );
      expect(await rejectionOf(tasks.finish(request, { state: "done" }, NOW_MS, lease))).to.be.instanceOf(LeaseLost);
      expect(await tasks.readSteps(request.id)).to.deep.equal([]);
      expect(await tasks.read(request.id)).to.include({ state: "processing" });
    });

    it("are refused after the lease was released", async () => {
      const { request, lease } = await begin();
      await leases.release(lease);

      expect(await rejectionOf(tasks.checkpoint(request.id, { number: 1, label: "s", output: null }, lease, NOW_MS))).to.be.instanceOf(
        LeaseLost,
      );
      const rows = await new Table(table.client, table.name).query({
        KeyConditionExpression: "task = :task",
        ExpressionAttributeValues: { ":task": request.id },
        ConsistentRead: true,
      });
      expect(rows).to.have.length(1);
    });
  });

  describe("a stop in a thread", () => {
    const place = () => ({ team: "T0001", channel: randomUUID(), threadTs: "1763805600.000100" });

    it("is the latest one, in whatever order they arrive", async () => {
      const thread = place();
      expect(await tasks.readStop(thread)).to.equal(undefined);
      await tasks.recordStop(thread, { by: "U0001", atMs: 2000 }, NOW_MS);
      await tasks.recordStop(thread, { by: "U0002", atMs: 1000 }, NOW_MS);
      expect(await tasks.readStop(thread)).to.deep.equal({ by: "U0001", atMs: 2000 });
      await tasks.recordStop(thread, { by: "U0002", atMs: 3000 }, NOW_MS);

      expect(await tasks.readStop(thread)).to.deep.equal({ by: "U0002", atMs: 3000 });
      expect(await tasks.readStop(place())).to.equal(undefined);
    });
  });
});
