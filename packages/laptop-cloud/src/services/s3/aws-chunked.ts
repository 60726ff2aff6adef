import { errors } from "./errors";

/**
 * Decodes a body in `aws-chunked` content encoding: chunks with or without signatures, then trailers, which land in `trailers` under their
 * lower-case names once the body has been read.
 *
 * Throws `AwsError` IncompleteBody. Source: Amazon S3, "Signature calculations for the authorization header: transferring payload in
 * multiple chunks". Signatures are not recomputed here.
 */
async function* decodeAwsChunked(source: AsyncIterable<Buffer>, trailers: Map<string, string>): AsyncGenerator<Buffer> {
  const bytes = new ByteReader(source);
  for (;;) {
    const [size = ""] = (await bytes.line()).split(";", 1);
    if (!/^[0-9a-f]{1,8}$/i.test(size)) throw errors.incompleteBody();
    const sizeBytes = Number.parseInt(size, 16);
    if (sizeBytes === 0) break;
    yield* bytes.take(sizeBytes);
    if ((await bytes.line()) !== "") throw errors.incompleteBody();
  }
  for (let line = await bytes.lastLine(); line !== ""; line = await bytes.lastLine()) {
    const colon = line.indexOf(":");
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

/** A chunk's header has a size and a signature; a much longer line is invalid. */
const MAX_LINE_BYTES = 16 * 1024;

/** Reads lines and counted bytes from a stream of chunks. */
class ByteReader {
  #rest: Buffer = Buffer.alloc(0);
  readonly #chunks: AsyncIterator<Buffer>;

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** One line without its CR LF. Throws `AwsError` IncompleteBody at the end of the stream. */
  async line(): Promise<string> {
    const line = await this.#nextLine();
    if (line === undefined) throw errors.incompleteBody();
    return line;
  }

  /** The stream's end reads as an empty line: some clients leave out the last line break. */
  async lastLine(): Promise<string> {
    return (await this.#nextLine()) ?? "";
  }

  async *take(sizeBytes: number): AsyncGenerator<Buffer> {
    let leftBytes = sizeBytes;
    while (leftBytes > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) throw errors.incompleteBody();
      const part = this.#rest.subarray(0, leftBytes);
      this.#rest = this.#rest.subarray(part.length);
      leftBytes -= part.length;
      yield part;
    }
  }

  async #nextLine(): Promise<string | undefined> {
    let end = this.#rest.indexOf("\r\n");
    while (end === -1) {
      if (this.#rest.length > MAX_LINE_BYTES || !(await this.#fill())) return undefined;
      end = this.#rest.indexOf("\r\n");
    }
    const line = this.#rest.subarray(0, end).toString("latin1");
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }

  async #fill(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return true;
  }
}

export { decodeAwsChunked };
