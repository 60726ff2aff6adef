import { UploadGone } from "#core/errors";
import type { ByteRange, Description } from "#stores/bucket";

/** A bucket in memory. Like S3, it stores nothing of a failed upload. */
class MemoryBucket {
  readonly objects = new Map<string, Buffer>();
  /** The content of objects, which tests set. */
  readonly eTags = new Map<string, string>();
  readonly descriptions = new Map<string, Description>();

  constructor(objects: Record<string, string | Buffer> = {}) {
    for (const [key, body] of Object.entries(objects)) this.objects.set(key, Buffer.from(body as string));
  }

  async open(key: string, { range }: { eTag?: string; range?: ByteRange } = {}): Promise<AsyncIterable<Uint8Array>> {
    const object = this.objects.get(key);
    if (object === undefined) throw new UploadGone(`no ${key}`);
    return chunksOf(range === undefined ? object : object.subarray(range.start, range.end + 1));
  }

  async isReplaced(key: string, eTag: string): Promise<boolean> {
    return (this.eTags.get(key) ?? eTag) !== eTag;
  }

  async put(key: string, body: string | Uint8Array, description: Description): Promise<void> {
    this.objects.set(key, Buffer.from(body as string));
    this.descriptions.set(key, description);
  }

  async upload(key: string, chunks: AsyncIterable<Uint8Array>, description: Description): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    await this.put(key, Buffer.concat(parts), description);
  }

  text(key: string): string {
    return String(this.objects.get(key));
  }

  get keys(): string[] {
    return [...this.objects.keys()].sort();
  }
}

/** Small and uneven, so that characters and lines are cut anywhere. */
async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0, size = 1; start < bytes.length; start += size, size = (size % 4093) + 7) yield bytes.subarray(start, start + size);
}

export { MemoryBucket };
