/** Looks at every turn queue in which something is due: ends what no timer ended, drops the dead, warns, sends what waits. */
import { Deadline } from "#core/deadline";
import type { Log } from "#core/log";
import { runSideBySide } from "#core/side-by-side";
import type { Dibs } from "#functions/dibs/dibs";

const MAX_QUEUES_AT_ONCE = 5;
const QUEUE_MS = 10_000;

class DibsSweep {
  constructor(
    private readonly dibs: Pick<Dibs, "listDue" | "sweep">,
    private readonly log: Log,
  ) {}

  /** Sweeps, the longest due first; a queue that fails does not hold up the others. Throws what failed. */
  async handle(run: Deadline): Promise<void> {
    const due = await this.dibs.listDue();
    if (due.length > 0) this.log.info("due", { queues: due.length });
    await runSideBySide(due, MAX_QUEUES_AT_ONCE, async key => {
      // What is left over is the next run's.
      if (run.leftMs > QUEUE_MS) await this.dibs.sweep(key, new Deadline(QUEUE_MS));
    });
  }
}

export { DibsSweep };
