/** An S3 bucket. Reads and writes objects as streams, so that none has to fit into memory. */
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { UploadGone } from "#core/errors";

/** Headers of an object. */
interface Description {
  contentType: string;
  /** Tells browsers what to do with it: `attachment; ...`. */
  contentDisposition?: string;
  /** ASCII only, 2 KB in all. */
  metadata?: Record<string, string>;
}

interface ReadOptions {
  /** Reads the object only if it has this content. */
  eTag?: string;
  /** Reads only these bytes, both ends inclusive. */
  range?: ByteRange;
}

interface ByteRange {
  start: number;
  end: number;
}

/** Without throwOnRequestTimeout the SDK only logs a warning when time is up, and keeps waiting. */
const LIMITS = { connectionTimeout: 1000, requestTimeout: 15_000, throwOnRequestTimeout: true };

/** With parts of 8 MB, S3's 10,000 parts hold 80 GB. Uploading two at once keeps three parts in memory. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

/** S3's answers if an object is missing (403 without permission to list) or has other content now. */
const GONE_STATUS = [403, 404, 412];
const PRECONDITION_FAILED = 412;

const statusOf = (error: unknown): number | undefined => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined);

class Bucket {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {}

  /** Opens an object. Throws `UploadGone` if it is missing or has other content by now. */
  async open(key: string, { eTag, range }: ReadOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    try {
      const { Body } = await this.client.send(
        new GetObjectCommand({
          Bucket: this.bucket,
          Key: key,
          IfMatch: eTag,
          Range: range === undefined ? undefined : `bytes=${range.start}-${range.end}`,
        }),
      );
      return Body instanceof Readable ? Body : Readable.from([]);
    } catch (cause) {
      const status = statusOf(cause);
      if (status === undefined || !GONE_STATUS.includes(status)) throw cause;
      throw new UploadGone(`The object ${key} was removed or replaced by a newer one before it was read.`, { cause });
    }
  }

  /** Tells whether an object has other content by now. A removed object has not. */
  async isReplaced(key: string, eTag: string): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key, IfMatch: eTag }));
      return false;
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined || !GONE_STATUS.includes(status)) throw error;
      return status === PRECONDITION_FAILED;
    }
  }

  /** Puts a small object. */
  async put(key: string, body: string | Uint8Array, { contentType, contentDisposition, metadata }: Description): Promise<void> {
    await this.client.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
        ContentDisposition: contentDisposition,
        Metadata: metadata,
      }),
    );
  }

  /** Deletes an object, if there is one. A versioned bucket keeps it as an old version. */
  async delete(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
  }

  /** Lists the first keys with a prefix: at most 1,000. */
  async listKeys(prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix }));
    return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  }

  async *listAllKeys(prefix: string): AsyncGenerator<string> {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.client }, { Bucket: this.bucket, Prefix: prefix }))
      for (const { Key } of Contents) if (Key !== undefined) yield Key;
  }

  /** Uploads a stream of any size in parts. Stores nothing if the stream fails, and throws its error. */
  async upload(key: string, chunks: AsyncIterable<Uint8Array>, description: Description, signal?: AbortSignal): Promise<void> {
    const { contentType, contentDisposition, metadata } = description;
    const upload = new Upload({
      client: this.client,
      params: {
        Bucket: this.bucket,
        Key: key,
        Body: Readable.from(chunks),
        ContentType: contentType,
        ContentDisposition: contentDisposition,
        Metadata: metadata,
      },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
      leavePartsOnError: false,
    });
    const abort = () => void upload.abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await upload.done();
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}

const createBucket = (bucket: string): Bucket => new Bucket(new S3Client({ maxAttempts: 4, requestHandler: LIMITS }), bucket);

export type { ByteRange, Description };
export { Bucket, createBucket };
