import { createReadStream } from "node:fs";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** The bytes of uploaded files, by id. A file is stored completely or not at all. */
class FileStore {
  readonly #folder: string;

  constructor(directory: string) {
    this.#folder = join(directory, "slack-files");
  }

  async put(id: string, bytes: Buffer) {
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, id);
    await writeFile(`${path}.new`, bytes);
    await rename(`${path}.new`, path);
  }

  /** Undefined if nothing was uploaded. */
  async sizeBytes(id: string): Promise<number | undefined> {
    try {
      return (await stat(join(this.#folder, id))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  read(id: string): Readable {
    return createReadStream(join(this.#folder, id));
  }
}

export { FileStore };
