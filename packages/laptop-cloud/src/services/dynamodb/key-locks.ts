/** The lock of one item: its key and table. */
interface LockName {
  table: string;
  key: string;
}

interface TableLocks {
  /** Resolves when the last holder of the whole table has released it. */
  whole?: Promise<void>;
  /** By key: resolves when the last holder in the key's queue has released it. */
  keys: Map<string, Promise<void>>;
}

/**
 * A lock per item. Others wait in order of arrival.
 *
 * A holder of several keys joins all their queues in one step. So any two holders have the same order in
 * every queue that they share, and deadlocks are impossible.
 */
class KeyLocks {
  readonly #tables = new Map<string, TableLocks>();

  /** Runs `work` while holding these keys, which may repeat. */
  async hold<T>(names: LockName[], work: () => Promise<T>): Promise<T> {
    const before = new Set<Promise<void>>();
    const { done, release } = createTurn();
    for (const { table, key } of names) {
      const locks = this.#locksOf(table);
      if (locks.whole !== undefined) before.add(locks.whole);
      const last = locks.keys.get(key);
      if (last !== undefined && last !== done) before.add(last);
      locks.keys.set(key, done);
    }
    if (before.size > 0) await Promise.all(before);
    try {
      return await work();
    } finally {
      for (const { table, key } of names) {
        const { keys } = this.#locksOf(table);
        if (keys.get(key) === done) keys.delete(key);
      }
      release();
    }
  }

  /** Runs `work` while holding the whole table. */
  async holdTable<T>(table: string, work: () => Promise<T>): Promise<T> {
    const locks = this.#locksOf(table);
    const { done, release } = createTurn();
    const before = [...locks.keys.values(), ...(locks.whole === undefined ? [] : [locks.whole])];
    locks.whole = done;
    await Promise.all(before);
    try {
      return await work();
    } finally {
      if (locks.whole === done) locks.whole = undefined;
      release();
    }
  }

  #locksOf(table: string): TableLocks {
    let locks = this.#tables.get(table);
    if (locks === undefined) {
      locks = { keys: new Map() };
      this.#tables.set(table, locks);
    }
    return locks;
  }
}

const createTurn = () => {
  let release = () => {};
  const done = new Promise<void>(resolve => {
    release = resolve;
  });
  return { done, release };
};

export type { LockName };
export { KeyLocks };
