/** Leases in the table `agent-tasks`: one task at a time works in a thread. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Deadline } from "#core/deadline";
import { LeaseLost } from "#core/errors";
import { type Row, Table } from "#stores/table";

/** A thread leased by one run of a task. */
interface Lease {
  /** The partition key, `thread#...`. */
  thread: string;
  taskId: string;
  /** Unique to the run: another run of the same task is another holder. */
  leaseId: string;
}

interface LeaseRow {
  /** The id of the task. */
  holder: string;
  lease_id: string;
  until: number;
}

/** When an unreleased lease expires. */
const FORGET_SECONDS = 86_400;
/** Heartbeats come every 30 s; the next one retries a call that takes longer than this. */
const CALL_BUDGET_MS = 10_000;

/** Any run of the task that a thread was passed on to may acquire it. */
const buildPassedId = (taskId: string): string => `passed-on#${taskId}`;

const buildLeaseKey = (thread: string) => ({ task: thread, item: "lease" });

class ThreadLeases {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Acquires a thread whose lease is free or has run out. Otherwise returns the id of the task that holds it. */
  async acquire(lease: Lease, nowMs: number, untilMs: number): Promise<string | undefined> {
    // One's own lease counts as free, so that a retry of a write whose answer was lost succeeds. So does one that was passed on to the task.
    return this.update(lease, untilMs, "attribute_not_exists(task) OR #until <= :now OR lease_id IN (:lease, :passed)", {
      ":now": nowMs,
      ":passed": buildPassedId(lease.taskId),
    });
  }

  /** Passes a thread on to another task, which has until then to acquire it. Throws `LeaseLost`. */
  async passOn(lease: Lease, taskId: string, untilMs: number): Promise<void> {
    const passed = { thread: lease.thread, taskId, leaseId: buildPassedId(taskId) };
    const holder = await this.update(passed, untilMs, "lease_id IN (:own, :lease)", { ":own": lease.leaseId });
    if (holder !== undefined) throw new LeaseLost("Another worker holds the thread's lease by now.", { context: { thread: lease.thread } });
  }

  /** Extends a lease. Throws `LeaseLost`. */
  async extend(lease: Lease, untilMs: number): Promise<void> {
    const holder = await this.update(lease, untilMs, "lease_id = :lease");
    if (holder !== undefined) throw new LeaseLost("Another worker holds the thread's lease by now.", { context: { thread: lease.thread } });
  }

  /** Reads which task holds a thread, strongly consistent; undefined if the lease is free or has run out. */
  async readHolder(thread: string, nowMs: number): Promise<string | undefined> {
    const row = await this.#table.get<LeaseRow>(buildLeaseKey(thread), new Deadline(CALL_BUDGET_MS));
    return row !== undefined && row.until > nowMs ? row.holder : undefined;
  }

  /** Releases a thread. Does nothing if another run holds the lease by now. */
  async release({ thread, leaseId }: Lease): Promise<void> {
    await this.#table.deleteIf(
      { Key: buildLeaseKey(thread), ConditionExpression: "lease_id = :lease", ExpressionAttributeValues: { ":lease": leaseId } },
      new Deadline(CALL_BUDGET_MS),
    );
  }

  /** Writes the lease if the condition holds. Otherwise returns the id of the task that holds it, "" if there is no lease. */
  private async update(
    { thread, taskId, leaseId }: Lease,
    untilMs: number,
    condition: string,
    values: Row = {},
  ): Promise<string | undefined> {
    const { isWritten, row } = await this.#table.updateIf<LeaseRow>(
      {
        Key: buildLeaseKey(thread),
        UpdateExpression: "SET #holder = :holder, lease_id = :lease, #until = :until, expires_at = :expires",
        ConditionExpression: condition,
        ExpressionAttributeNames: { "#holder": "holder", "#until": "until" },
        ExpressionAttributeValues: {
          ":holder": taskId,
          ":lease": leaseId,
          ":until": untilMs,
          ":expires": Math.ceil(untilMs / 1000) + FORGET_SECONDS,
          ...values,
        },
      },
      new Deadline(CALL_BUDGET_MS),
    );
    return isWritten ? undefined : (row?.holder ?? "");
  }
}

export type { Lease };
export { buildLeaseKey, ThreadLeases };
