import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ClassicLevel } from "classic-level";
import { commandWith } from "./command-name";

/** One change. Without `value` it deletes. */
interface Change {
  key: string;
  value?: string;
}

/** Bounds of keys in LevelDB's format. */
interface Range {
  gt?: string;
  gte?: string;
  lt?: string;
  lte?: string;
  reverse?: boolean;
  limit?: number;
}

type Snapshot = ReturnType<ClassicLevel<string, string>["snapshot"]>;

/** The free space that it takes to reopen a folder: LevelDB writes the 4 MB that it has in memory to a table, and little else. */
const ROOM_BYTES = 8 * 1024 * 1024;

/** Delay before a failed write is retried, in real milliseconds. */
const RETRY_DELAY_MS = 500;

/**
 * A LevelDB folder with text as keys and values.
 *
 * Each write is atomic and survives kill -9 of the process. It is not synced to disk, so a power cut may lose the latest writes as a
 * whole. While the disk refuses writes, they wait, and one line is logged. A full disk leaves an incomplete record in LevelDB's log;
 * LevelDB would append to it, and the next start would stop reading there. So the folder is reopened before the next write.
 */
class LevelFolder {
  /** Created in `open`, because its constructor starts to open the folder. */
  #level!: ClassicLevel<string, string>;
  readonly #givenUp = new AbortController();
  #pending: Change[] = [];
  #next: Promise<void> | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #hasIncompleteLog = false;

  constructor(private readonly directory: string) {}

  /** Throws an `Error` that names the folder and says how to recover; its `cause` has LevelDB's error code. */
  async open() {
    await makeFolder(this.directory);
    try {
      await this.#requireCurrentFile();
      this.#level = new ClassicLevel(this.directory, { keyEncoding: "utf8", valueEncoding: "utf8" });
      await this.#level.open();
    } catch (error) {
      throw unreadable(this.directory, error);
    }
    await this.#reportLosses();
  }

  async close() {
    this.giveUp();
    await this.#running;
    await this.#level.close();
  }

  /** Makes writes fail from now on instead of waiting for the disk, because the cloud is about to stop. */
  giveUp() {
    this.#givenUp.abort();
  }

  /** Synchronous: a key in memory or in the page cache takes 5 µs, but 40 µs through the thread pool. */
  get(key: string, snapshot?: Snapshot): string | undefined {
    try {
      return this.#level.getSync(key, snapshot === undefined ? {} : { snapshot });
    } catch (error) {
      throw unreadable(this.directory, error);
    }
  }

  /** Resolves when these and all earlier changes are written. One batch is written at a time; changes that arrive meanwhile form the next one. */
  write(changes: readonly Change[]): Promise<void> {
    for (const change of changes) this.#pending.push(change);
    this.#next ??= this.#running.then(() => this.#flush());
    return this.#next;
  }

  /** A snapshot for several reads. The caller closes it. */
  snapshot(): Snapshot {
    return this.#level.snapshot();
  }

  /** Values in key order, from `snapshot` or the current state. */
  values(range: Range, snapshot?: Snapshot): AsyncIterable<string> {
    return this.#reading(this.#level.values({ ...range, snapshot }));
  }

  keys(range: Range): AsyncIterable<string> {
    return this.#reading(this.#level.keys(range));
  }

  entries(range: Range): AsyncIterable<[string, string]> {
    return this.#reading(this.#level.iterator(range));
  }

  async *#reading<T>(entries: AsyncIterable<T>): AsyncIterable<T> {
    try {
      yield* entries;
    } catch (error) {
      throw unreadable(this.directory, error);
    }
  }

  #flush(): Promise<void> {
    const changes = this.#pending;
    this.#pending = [];
    this.#next = undefined;
    const written = this.#put(changes);
    // The callers of this batch get its error; the next batch is attempted anyway.
    this.#running = written.catch(() => undefined);
    return written;
  }

  async #put(changes: Change[]) {
    const operations = changes.map(({ key, value }) =>
      value === undefined ? ({ type: "del", key } as const) : ({ type: "put", key, value } as const),
    );
    for (let tries = 1; ; tries++) {
      try {
        if (this.#hasIncompleteLog) await this.#reopen();
        await this.#level.batch(operations);
        if (tries > 1) console.error(`The state in ${this.directory} can be written again.`);
        return;
      } catch (error) {
        this.#hasIncompleteLog = true;
        const trouble = `The state in ${this.directory} can't be written: ${reasonOf(error)}.`;
        if (this.#givenUp.signal.aborted) throw new Error(trouble, { cause: error });
        if (tries === 1) console.error(`${trouble} Changes wait until it can.`);
        await this.#pause();
      }
    }
  }

  /** Reopens the folder, which starts a new log. Checks for free space first: if reopening failed, the folder could not even be read. */
  async #reopen() {
    const room = join(this.directory, "room");
    try {
      await writeFile(room, Buffer.alloc(ROOM_BYTES, 1));
    } finally {
      await rm(room, { force: true });
    }
    await this.#level.close();
    await this.#level.open();
    this.#hasIncompleteLog = false;
  }

  /** Resolves early after `giveUp`. */
  async #pause() {
    await setTimeout(RETRY_DELAY_MS, undefined, { signal: this.#givenUp.signal }).catch(() => undefined);
  }

  /** If the file CURRENT is missing, LevelDB treats the folder as new and deletes its content. */
  async #requireCurrentFile() {
    const files = await readdir(this.directory);
    if (!files.includes("CURRENT") && files.some(file => /\.(ldb|log)$/.test(file))) throw new Error("its file CURRENT is missing");
  }

  /** LevelDB skips damaged records at the end, and reports that only in its own log. Records that a crash cut short don't count as damaged. */
  async #reportLosses() {
    const log = await readFile(join(this.directory, "LOG"), "utf8").catch(() => "");
    const lostBytes = [...log.matchAll(/: dropping (\d+) bytes/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    if (lostBytes > 0) console.error(`The state in ${this.directory} is damaged: ${lostBytes} bytes of its latest changes are lost.`);
  }
}

const makeFolder = async (directory: string) => {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new Error(`The folder ${directory} can't be created: ${reasonOf(error)}. Set LOCAL_DIR to a folder that you can write to.`, {
      cause: error,
    });
  }
};

const unreadable = (directory: string, error: unknown) => {
  const { cause } = error as { cause?: unknown };
  return new Error(
    `The state in ${directory} can't be read: ${reasonOf(error)}. Restore a backup, or start over with \`${commandWith("--fresh")}\`.`,
    { cause: cause ?? error },
  );
};

/** LevelDB's own message is in the cause of "Database failed to open". */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  return cause instanceof Error ? reasonOf(cause) : message.replace(/\.$/, "");
};

export type { Change, Range, Snapshot };
export { LevelFolder };
