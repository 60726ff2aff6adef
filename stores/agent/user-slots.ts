/** Limits how many tasks of one person run at a time. Each running task leases one of the person's slots in the table `agent-tasks`. */
import { buildSlotKey, type Task } from "#core/agent/task";
import type { Lease, ThreadLeases } from "#stores/agent/thread-leases";

type SlotTask = Pick<Task, "id" | "team" | "user">;

class UserSlots {
  constructor(
    private readonly leases: Pick<ThreadLeases, "acquire" | "readHolder">,
    /** How many slots a person has. */
    readonly tasksPerUser: number,
  ) {}

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

  /** Tells whether other tasks hold all slots of the person who asked for this one. */
  async isFull(task: SlotTask, nowMs: number): Promise<boolean> {
    return (await this.readAll(task, nowMs)).every(({ holder }) => holder !== undefined && holder !== task.id);
  }

  private readAll(task: SlotTask, nowMs: number): Promise<{ slot: Lease; holder: string | undefined }[]> {
    const slots = Array.from({ length: this.tasksPerUser }, (_, index) => buildSlot(task, index + 1));
    return Promise.all(slots.map(async slot => ({ slot, holder: await this.leases.readHolder(slot.thread, nowMs) })));
  }
}

/** A slot belongs to a task, not to a run, because another worker may take over the task. */
const buildSlot = (task: SlotTask, number: number): Lease => ({ thread: buildSlotKey(task, number), taskId: task.id, leaseId: task.id });

export { UserSlots };
