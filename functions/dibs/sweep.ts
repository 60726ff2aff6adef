/** Sweeps the turn queues with due work: ends turns that no timer ended, drops dead claims, sends warnings and the outbox. */
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

  /** Sweeps, longest overdue first. A failing queue does not hold up the others; failures are thrown at the end. */
  async handle(run: Deadline): Promise<void> {
    const due = await this.dibs.listDue();
    if (due.length > 0) this.log.info("due", { queues: due.length });
    await runSideBySide(due, MAX_QUEUES_AT_ONCE, async key => {
      // The next run continues with the rest.
      if (run.leftMs > QUEUE_MS) await this.dibs.sweep(key, new Deadline(QUEUE_MS));
    });
  }
}

export { DibsSweep };
