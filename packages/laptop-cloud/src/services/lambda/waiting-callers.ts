import { setTimeout as sleep } from "node:timers/promises";

/** The longest time that an event waits for callers, and how often it looks whether it may go on. Real time, like everything here. */
const LONGEST_WAIT_MS = 10_000;
const LOOK_MS = 50;

/** If no caller has got an environment for so long, the running functions may themselves be waiting, perhaps for this very event. */
const LONGEST_PAUSE_MS = 500;

/**
 * The callers that wait for an execution environment of any function. Events let them go first, because both share this machine's processors. On AWS,
 * neither slows the other down.
 */
class WaitingCallers {
  #count = 0;
  /** When the last one got its turn, or the first one began to wait. */
  #movedMs = 0;

  add() {
    if (this.#count++ === 0) this.#movedMs = performance.now();
  }

  remove() {
    this.#count--;
    this.#movedMs = performance.now();
  }

  /** Resolves when an event may go on. */
  async letPass(): Promise<void> {
    const startedMs = performance.now();
    while (this.#areMoving() && performance.now() - startedMs < LONGEST_WAIT_MS) await sleep(LOOK_MS, undefined, { ref: false });
  }

  #areMoving(): boolean {
    return this.#count > 0 && performance.now() - this.#movedMs < LONGEST_PAUSE_MS;
  }
}

export { WaitingCallers };
