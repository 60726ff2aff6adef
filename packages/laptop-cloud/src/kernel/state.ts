import { LevelFolder } from "./level-folder";

/**
 * Durable key-value state of one service: JSON values under string keys, read in key order.
 *
 * Once a write's promise resolves, the operating system has the data, so it survives kill -9 of the cloud. It may not survive a power
 * cut, because writes are not synced to disk. Writes keep the order of the calls. `batch` is atomic. While the disk is full, writes wait.
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

/** The LevelDB folder that contains the state of all services. */
class StateStore {
  readonly #folder: LevelFolder;

  constructor(directory: string) {
    this.#folder = new LevelFolder(directory);
  }

  async open() {
    await this.#folder.open();
  }

  async close() {
    await this.#folder.close();
  }

  /** From now on, writes fail instead of waiting for a full disk. */
  giveUp() {
    this.#folder.giveUp();
  }

  namespace(name: string): State {
    const root = `!${name}!`;
    const batch = async (changes: StateChange[]) => this.#folder.write(changes.map(change => toChange(root, change)));
    return {
      get: async <T>(key: string) => parse<T>(this.#folder.get(root + key)),
      put: (key, value) => batch([{ put: key, value }]),
      delete: key => batch([{ delete: key }]),
      batch,
      entries: async <T>(prefix = "") => {
        const found: [string, T][] = [];
        // Keys sort by their UTF-8 bytes: the last code point sorts after every key that continues the prefix, emoji included.
        const range = { gte: root + prefix, lt: `${root}${prefix}\u{10ffff}` };
        for await (const [key, value] of this.#folder.entries(range)) found.push([key.slice(root.length), JSON.parse(value) as T]);
        return found;
      },
    };
  }
}

const toChange = (root: string, change: StateChange) =>
  "put" in change ? { key: root + change.put, value: JSON.stringify(change.value) } : { key: root + change.delete };

const parse = <T>(text: string | undefined) => (text === undefined ? undefined : (JSON.parse(text) as T));

export type { State, StateChange };
export { StateStore };
