import { ClassicLevel } from "classic-level";

/**
 * Durable key-value state of one service: JSON values under string keys, read in key order.
 *
 * Writes are with the operating system when the promise resolves, so they survive kill -9 of the cloud (not a power cut:
 * they are not synced to disk one by one). `batch` is all or nothing.
 */
interface State {
  get<T>(key: string): Promise<T | undefined>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  batch(changes: StateChange[]): Promise<void>;
  /** Every entry whose key starts with `prefix`, in key order. */
  entries<T>(prefix?: string): Promise<[string, T][]>;
}

type StateChange = { put: string; value: unknown } | { delete: string };

/** The one LevelDB folder that all services' state lies in. */
class StateStore {
  readonly #level: ClassicLevel<string, unknown>;

  constructor(directory: string) {
    this.#level = new ClassicLevel(directory, { valueEncoding: "json" });
  }

  async open() {
    await this.#level.open();
  }

  async close() {
    await this.#level.close();
  }

  namespace(name: string): State {
    const level = this.#level.sublevel<string, unknown>(name, { valueEncoding: "json" });
    return {
      get: async <T>(key: string) => (await level.get(key)) as T | undefined,
      put: (key, value) => level.put(key, value),
      delete: key => level.del(key),
      batch: changes => level.batch(changes.map(toLevelChange)),
      // Keys sort by their UTF-8 bytes: the last code point sorts after every key that continues the prefix, emoji included.
      entries: async <T>(prefix = "") => (await level.iterator({ gte: prefix, lt: `${prefix}\u{10ffff}` }).all()) as [string, T][],
    };
  }
}

const toLevelChange = (change: StateChange) =>
  "put" in change ? ({ type: "put", key: change.put, value: change.value } as const) : ({ type: "del", key: change.delete } as const);

export type { State, StateChange };
export { StateStore };
