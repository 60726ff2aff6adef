import { randomUUID } from "node:crypto";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { buildLimits } from "#stores/agent/tool-limits";
import { type ReceiptKey, ToolReceipts } from "#stores/agent/tool-receipts";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;
const LIMITS = { postsPerTask: 1000, postsPerDay: 1000 };

describe("tool-receipts", () => {
  let table: TasksTableUnderTest;
  let receipts: ToolReceipts;
  before(async () => {
    table = await createTasksTable();
    receipts = new ToolReceipts(table.client, table.name);
  });
  after(() => table.stop());
  afterEach(() => sinon.restore());

  const deadline = () => new Deadline(20_000);
  const createPlace = (): ReceiptKey => ({ task: randomUUID(), key: "step-0001" });
  const claimant = (name: string, nowMs = NOW_MS) => ({
    tool: "post_to_slack",
    fingerprint: "f1",
    claimant: name,
    nowMs,
    requestedAtMs: nowMs,
  });
  const takeOver = (place: ReceiptKey, name: string, dead: string) =>
    receipts.takeOver(place, claimant(name, NOW_MS + 20), dead, deadline());
  const limitsOf = (task: string, limits = LIMITS) => buildLimits(table.name, task, limits, NOW_MS);
  const claim = (place: ReceiptKey, name: string, nowMs = NOW_MS, limits = LIMITS) =>
    receipts.claim(place, claimant(name, nowMs), limitsOf(place.task, limits), deadline());

  it("gives a call to exactly one of many concurrent claims, and to exactly one takeover", async () => {
    const place = createPlace();
    const first = await Promise.all(Array.from({ length: 20 }, (_, n) => claim(place, `a${n}`)));
    expect(first.filter(({ state }) => state === "mine")).to.deep.equal([{ state: "mine", first: true, sinceMs: NOW_MS }]);
    const holder = first.findIndex(({ state }) => state === "mine");
    const next = await Promise.all(Array.from({ length: 20 }, (_, n) => takeOver(place, `b${n}`, `a${holder}`)));
    expect(next.filter(({ state }) => state === "mine")).to.deep.equal([{ state: "mine", first: false, sinceMs: NOW_MS }]);
  });

  it("recognises its own claim after a lost answer", async () => {
    const place = createPlace();
    const first = await claim(place, "a");
    expect(await claim(place, "a")).to.deep.equal(first);
    await takeOver(place, "b", "a");
    expect(await takeOver(place, "b", "a")).to.deep.equal({ state: "mine", first: false, sinceMs: NOW_MS });
  });

  it("names the holder of a claim, even if clocks differ", async () => {
    const place = createPlace();
    await claim(place, "a");
    for (const skewMs of [-600_000, 600_000])
      expect(await claim(place, "b", NOW_MS + skewMs)).to.include({ state: "taken", claimant: "a", requestedAtMs: NOW_MS });
  });

  it("keeps the first result, and a draft before it", async () => {
    const place = createPlace();
    await claim(place, "a");
    await receipts.keepDraft(place, { canvasId: "F1" }, deadline());
    expect(await takeOver(place, "b", "a")).to.deep.include({ state: "mine", first: false, draft: { canvasId: "F1" } });
    await receipts.settle(place, { result: { canvasId: "F1" }, message: undefined, nowMs: NOW_MS }, deadline());
    const done = { state: "done", tool: "post_to_slack", fingerprint: "f1", result: { canvasId: "F1" } };
    expect(await claim(place, "c", NOW_MS + 1000)).to.deep.equal(done);
  });

  it("is released only by its claimant", async () => {
    const place = createPlace();
    await claim(place, "a");
    await receipts.release(place, "other", deadline());
    expect(await claim(place, "b")).to.include({ state: "taken", claimant: "a" });
    await receipts.release(place, "a", deadline());
    expect(await claim(place, "b")).to.include({ state: "mine", first: false });
  });

  it("counts each call once, even if it is claimed again, and returns the limit that is reached", async () => {
    const one = createPlace();
    const other = { ...one, key: "step-0002" };
    const strict = { postsPerTask: 1, postsPerDay: 1000 };
    expect(await claim(one, "a", NOW_MS, strict)).to.include({ state: "mine" });
    const over = await claim(other, "b", NOW_MS, strict);
    expect(over).to.include({ state: "over" });
    expect(over).to.have.nested.property("limit.rule", "task-limit");
    expect(await claim(one, "c", NOW_MS + 20, strict)).to.include({ state: "taken", claimant: "a" });
    expect(await claim(createPlace(), "d", NOW_MS, { postsPerTask: 5, postsPerDay: 0 })).to.have.nested.property("limit.rule", "day-limit");
  });

  it("retries after a conflict with another write", async () => {
    const place = createPlace();
    const CancellationReasons = [{ Code: "None" }, { Code: "None" }, { Code: "TransactionConflict" }];
    const send = sinon.stub(table.client, "send").callThrough();
    send.onFirstCall().rejects(new TransactionCanceledException({ message: "", $metadata: {}, CancellationReasons }));
    expect(await claim(place, "a")).to.deep.equal({ state: "mine", first: true, sinceMs: NOW_MS });
    expect(send.callCount).to.equal(2);
  });

  it("knows which messages a task's calls have posted", async () => {
    const place = createPlace();
    await claim(place, "a");
    await receipts.settle(place, { result: { ts: "1.000001" }, message: { channel: "C0001", ts: "1.000001" }, nowMs: NOW_MS }, deadline());
    expect(await receipts.isPosted(place.task, { channel: "C0001", ts: "1.000001" }, deadline())).to.equal(true);
    expect(await receipts.isPosted(place.task, { channel: "C0002", ts: "1.000001" }, deadline())).to.equal(false);
    expect(await receipts.isPosted("another", { channel: "C0001", ts: "1.000001" }, deadline())).to.equal(false);
  });
});
