import type { State, StateChange } from "./state";

/**
 * Writes a service's changes in the order in which they were made, as few batches as possible.
 *
 * LevelDB's binding runs each write on a thread of its own, so two writes of one key may land in either order. Here one batch
 * is under way at a time, and all that is asked for meanwhile goes with the next.
 */
class Journal {
  #pending: StateChange[] = [];
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(private readonly state: State) {}

  /** Resolves when these changes, and all that were written before them, are durable. A batch is all or nothing. */
  write(...changes: StateChange[]): Promise<void> {
    for (const change of changes) this.#pending.push(change);
    this.#next ??= this.#running.then(() => this.#flush());
    return this.#next;
  }

  #flush(): Promise<void> {
    const changes = this.#pending;
    this.#pending = [];
    this.#next = undefined;
    const batch = this.state.batch(changes);
    // Whoever waits for this batch hears of its failure; the next one is tried all the same.
    this.#running = batch.catch(() => undefined);
    return batch;
  }
}

export { Journal };
