import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { MAX_KEPT_BYTES, type StoredEvent } from "./log-group";

/** Delay before lines are written together, in real milliseconds. After kill -9 this much of the log may be missing. */
const FLUSH_DELAY_MS = 200;

/** A file is rewritten when it is larger than this, and has grown by this factor since the last rewrite. */
const overgrownBytes = 4 * MAX_KEPT_BYTES;
const COMPACTION_FACTOR = 2;

/** The events of one log group on disk: one line of JSON per event, appended in batches. */
class EventFile {
  #pending: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #handle: FileHandle | undefined;
  #isTroubled = false;
  #sizeBytes = 0;
  #replacedBytes = 0;

  constructor(private readonly path: string) {}

  /** Skips a last line that a crash cut short. */
  async *read(): AsyncGenerator<StoredEvent> {
    if (!existsSync(this.path)) return;
    this.#sizeBytes = (await stat(this.path)).size;
    for await (const line of createInterface({ input: createReadStream(this.path), crlfDelay: Number.POSITIVE_INFINITY })) {
      const event = parseLine(line);
      if (event !== undefined) yield event;
    }
  }

  append(events: StoredEvent[]) {
    this.#pending.push(...events.map(toLine));
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_DELAY_MS);
  }

  /** Whether the file is much larger than its remaining events, because deleted events stay in it. */
  get isOvergrown() {
    return this.#sizeBytes > Math.max(overgrownBytes, COMPACTION_FACTOR * this.#replacedBytes);
  }

  /** Replaces the content of the file by these events. */
  replace(events: readonly StoredEvent[]): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending = [];
    const text = events.map(toLine).join("");
    this.#sizeBytes = Buffer.byteLength(text);
    this.#replacedBytes = this.#sizeBytes;
    this.#writing = this.#writing.then(() => this.#rewrite(text)).catch((error: Error) => this.#lose(error));
    return this.#writing;
  }

  async delete() {
    await this.close();
    await rm(this.path, { force: true });
  }

  async close() {
    await this.#flush();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write()).catch((error: Error) => this.#lose(error));
    return this.#writing;
  }

  /** Lines that can't be written stay in memory until the cloud ends. Logs that once. */
  async #lose(error: Error) {
    if (!this.#isTroubled)
      console.error(`The log in ${this.path} can't be written: ${error.message}. What is logged meanwhile ends with the cloud.`);
    this.#isTroubled = true;
    // After reopening, first end a line that may have been cut short.
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #rewrite(text: string) {
    await this.#handle?.close();
    this.#handle = undefined;
    await mkdir(dirname(this.path), { recursive: true });
    await writeFile(`${this.path}.part`, text);
    await rename(`${this.path}.part`, this.path);
  }

  async #write() {
    const lines = this.#pending.splice(0);
    if (lines.length === 0) return;
    if (this.#handle === undefined) {
      await mkdir(dirname(this.path), { recursive: true });
      this.#handle = await open(this.path, "a");
      // Ends a line that a crash cut short; an empty line is skipped.
      await this.#handle.write("\n");
    }
    // A nearly full disk may write a part only; continue until all is written.
    const text = lines.join("");
    await this.#handle.writeFile(text);
    this.#sizeBytes += Buffer.byteLength(text);
    this.#isTroubled = false;
  }
}

const toLine = (event: StoredEvent) => `${JSON.stringify(event)}\n`;

const parseLine = (line: string): StoredEvent | undefined => {
  try {
    return JSON.parse(line) as StoredEvent;
  } catch {
    return undefined;
  }
};

export { EventFile };
