import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type ChecksumAlgorithm, createChecksum } from "./checksum";

/** A piece of an object's content: one file. Files never change; an object of several parts has several. */
interface Segment {
  file: string;
  sizeBytes: number;
}

interface Received {
  segments: Segment[];
  sizeBytes: number;
  /** MD5 in hex. */
  md5: string;
  /** Base64, by algorithm. */
  checksums: Partial<Record<ChecksumAlgorithm, string>>;
}

/**
 * The contents of all objects, as files in one folder. Files that no metadata names, which a crash may leave behind, are
 * deleted at the next start.
 */
class Bodies {
  readonly #reads = new Map<string, number>();
  readonly #condemned = new Set<string>();

  constructor(private readonly directory: string) {}

  /** Deletes every file that is not in `named`. */
  async open(named: ReadonlySet<string>) {
    await mkdir(this.directory, { recursive: true });
    const orphans = (await readdir(this.directory)).filter(file => !named.has(file));
    await Promise.all(orphans.map(file => unlink(this.#path(file))));
  }

  /** Writes a stream to a file, and deletes the file if the stream fails. */
  async receive(source: AsyncIterable<Buffer>, algorithms: Iterable<ChecksumAlgorithm>): Promise<Received> {
    const file = randomUUID();
    const md5 = createHash("md5");
    const checksums = [...algorithms].map(algorithm => ({ algorithm, checksum: createChecksum(algorithm) }));
    let sizeBytes = 0;
    const handle = await open(this.#path(file), "wx");
    try {
      for await (const chunk of source) {
        md5.update(chunk);
        for (const { checksum } of checksums) checksum.update(chunk);
        await handle.writeFile(chunk);
        sizeBytes += chunk.length;
      }
    } catch (error) {
      await handle.close();
      await unlink(this.#path(file));
      throw error;
    }
    await handle.close();
    return {
      segments: [{ file, sizeBytes }],
      sizeBytes,
      md5: md5.digest("hex"),
      checksums: Object.fromEntries(checksums.map(({ algorithm, checksum }) => [algorithm, checksum.digest()])),
    };
  }

  /** Links the contents under a second name: they exist until both are removed. */
  async duplicate(segments: Segment[]): Promise<Segment[]> {
    const release = this.#hold(segments);
    try {
      return await Promise.all(
        segments.map(async ({ file, sizeBytes }) => {
          const copy = randomUUID();
          await link(this.#path(file), this.#path(copy));
          return { file: copy, sizeBytes };
        }),
      );
    } finally {
      await release();
    }
  }

  /** Bytes `start` to `end`, both included. Files that are removed meanwhile stay until the stream is closed. */
  read(segments: Segment[], start: number, end: number): Readable {
    const release = this.#hold(segments);
    const stream = Readable.from(this.#chunks(segments, start, end), { objectMode: false });
    stream.once("close", () => void release());
    return stream;
  }

  async remove(segments: Segment[]) {
    await Promise.all(
      segments.map(async ({ file }) => {
        if (this.#reads.has(file)) this.#condemned.add(file);
        else await unlink(this.#path(file));
      }),
    );
  }

  async *#chunks(segments: Segment[], start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { file, sizeBytes } of segments) {
      const first = Math.max(0, start - offset);
      const last = Math.min(sizeBytes - 1, end - offset);
      offset += sizeBytes;
      if (first <= last) yield* createReadStream(this.#path(file), { start: first, end: last });
    }
  }

  /** Keeps files from being removed until the returned function is called. */
  #hold(segments: Segment[]): () => Promise<void> {
    for (const { file } of segments) this.#reads.set(file, (this.#reads.get(file) ?? 0) + 1);
    return () => this.#release(segments);
  }

  async #release(segments: Segment[]) {
    for (const { file } of segments) {
      const reads = this.#reads.get(file)! - 1;
      if (reads > 0) {
        this.#reads.set(file, reads);
        continue;
      }
      this.#reads.delete(file);
      if (this.#condemned.delete(file)) await unlink(this.#path(file));
    }
  }

  #path(file: string) {
    return join(this.directory, file);
  }
}

export type { Received, Segment };
export { Bodies };
