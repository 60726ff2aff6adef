/** What is locked: one item's key in a table. */
interface LockName {
  table: string;
  key: string;
}

interface TableLocks {
  /** Ends when the last holder of the whole table lets go. */
  whole?: Promise<void>;
  /** By key: ends when the last one in that key's queue lets go. */
  keys: Map<string, Promise<void>>;
}

/**
 * A lock per item: whoever holds a key's lock is alone with it; others queue in order of arrival.
 *
 * A holder of several keys joins all their queues in one step, before anybody else can: so any two holders stand in the same order in
 * every queue that they share, and no circle of waiting can arise.
 */
class KeyLocks {
  readonly #tables = new Map<string, TableLocks>();

  /** Runs `work` alone with these keys. A name may stand there twice. */
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

  /** Runs `work` alone with the whole table. */
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
