import { randomUUID } from "node:crypto";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { LeaseLost } from "#core/errors";
import { type Lease, ThreadLeases } from "#stores/agent/thread-leases";
import { Table } from "#stores/table";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;

describe("thread-leases", () => {
  let table: TasksTableUnderTest;
  let leases: ThreadLeases;
  before(async () => {
    table = await createTasksTable();
    leases = new ThreadLeases(table.client, table.name);
  });
  after(() => table.stop());

  /** Tasks that compete for one thread. */
  const buildLeases = (count: number): Lease[] => {
    const [thread, taskId] = [`thread#${randomUUID()}`, randomUUID()];
    return Array.from({ length: count }, () => ({ thread, taskId, leaseId: randomUUID() }));
  };
  const buildLease = () => buildLeases(1)[0]!;

  it("go to exactly one of a hundred concurrent tasks", async () => {
    const rivals = buildLeases(100);
    const holders = await Promise.all(rivals.map(lease => leases.acquire(lease, NOW_MS, NOW_MS + 100)));

    expect(holders.filter(holder => holder === undefined)).to.have.length(1);
    expect(new Set(holders)).to.deep.equal(new Set([undefined, rivals[0]!.taskId]));
  });

  it("are acquired again after a lost answer", async () => {
    const lease = buildLease();
    await leases.acquire(lease, NOW_MS, NOW_MS + 100);

    expect(await leases.acquire(lease, NOW_MS, NOW_MS + 100)).to.equal(undefined);
  });

  it("pass to another task once they have run out, and not before", async () => {
    const [first, second] = buildLeases(2) as [Lease, Lease];
    await leases.acquire(first, NOW_MS, NOW_MS + 100);
    await leases.extend(first, NOW_MS + 200);

    expect(await leases.acquire(second, NOW_MS + 199, NOW_MS + 400)).to.equal(first.taskId);
    expect(await leases.acquire(second, NOW_MS + 200, NOW_MS + 400)).to.equal(undefined);
    expect(await rejectionOf(leases.extend(first, NOW_MS + 500))).to.be.instanceOf(LeaseLost);
  });

  it("are released only by their holder", async () => {
    const [first, second] = buildLeases(2) as [Lease, Lease];
    await leases.acquire(first, NOW_MS, NOW_MS + 100);
    await leases.release(second);
    expect(await leases.readHolder(first.thread, NOW_MS + 99)).to.equal(first.taskId);
    await leases.release(first);
    await leases.release(first);

    expect(await leases.readHolder(first.thread, NOW_MS + 99)).to.equal(undefined);
  });

  it("have no holder once they have run out", async () => {
    const lease = buildLease();
    await leases.acquire(lease, NOW_MS, NOW_MS + 100);

    expect(await leases.readHolder(lease.thread, NOW_MS + 100)).to.equal(undefined);
  });

  it("expire a day after their end if nobody releases them", async () => {
    const lease = buildLease();
    await leases.acquire(lease, NOW_MS, NOW_MS + 1);
    const row = await new Table(table.client, table.name).get({ task: lease.thread, item: "lease" });

    expect(row).to.have.property("expires_at", NOW_MS / 1000 + 1 + 86_400);
  });
});
