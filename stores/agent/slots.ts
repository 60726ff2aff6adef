/**
 * Limits how many tasks of one person, and of one workspace, run at a time. Each running task leases one of the person's slots in the table
 * `agent-tasks` and, where the stack serves many workspaces, one of the workspace's.
 */
import { buildSlotKey, buildTeamSlotKey, type Task } from "#core/agent/task";
import type { Lease, ThreadLeases } from "#stores/agent/thread-leases";

type SlotTask = Pick<Task, "id" | "team" | "user">;

abstract class Slots {
  constructor(
    private readonly leases: Pick<ThreadLeases, "acquire" | "readHolder">,
    /** How many there are. */
    readonly count: number,
  ) {}

  /** Builds the partition key of a slot, numbered from 1. */
  protected abstract keyOf(task: SlotTask, number: number): string;

  /** Takes a slot for a task, or renews the one it holds. Returns undefined if other tasks hold all slots. */
  async take(task: SlotTask, nowMs: number, untilMs: number): Promise<Lease | undefined> {
    const free: Lease[] = [];
    for (const { slot, holder } of await this.readAll(task, nowMs)) {
      if (holder === task.id) free.unshift(slot);
      else if (holder === undefined) free.push(slot);
    }
    for (const slot of free) if ((await this.leases.acquire(slot, nowMs, untilMs)) === undefined) return slot;
    return undefined;
  }

  /** Tells whether other tasks hold all slots that this one could have. */
  async isFull(task: SlotTask, nowMs: number): Promise<boolean> {
    return (await this.readAll(task, nowMs)).every(({ holder }) => holder !== undefined && holder !== task.id);
  }

  private readAll(task: SlotTask, nowMs: number): Promise<{ slot: Lease; holder: string | undefined }[]> {
    // A slot belongs to a task, not to a run, because another worker may take over the task.
    const slots = Array.from({ length: this.count }, (_, index): Lease => {
      return { thread: this.keyOf(task, index + 1), taskId: task.id, leaseId: task.id };
    });
    return Promise.all(slots.map(async slot => ({ slot, holder: await this.leases.readHolder(slot.thread, nowMs) })));
  }
}

/** The slots of the person who asked for a task. */
class UserSlots extends Slots {
  protected keyOf(task: SlotTask, number: number): string {
    return buildSlotKey(task, number);
  }
}

/** The slots of a workspace: a share of the workers, so that the tasks of others find room. */
class TeamSlots extends Slots {
  protected keyOf(task: SlotTask, number: number): string {
    return buildTeamSlotKey(task, number);
  }
}

export type { Slots };
export { TeamSlots, UserSlots };
