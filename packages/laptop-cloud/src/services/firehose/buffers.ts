import { createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { AwsError } from "../../kernel/aws-error";
import { type DeliveryStream, writerOf } from "./delivery-stream";
import { evaluatePrefix } from "./prefix";
import { RecordBuffer, type StoredRecord } from "./record-buffer";
import type { DeliveryStreams } from "./store";
import { buildFailedLines, InvocationFailure, transform } from "./transformation";

/** The records of one stream: those that its function gets, and those that no object contains yet. */
interface StreamBuffers {
  transformation: RecordBuffer;
  delivery: RecordBuffer;
}

const MIB = 1024 * 1024;

const compress = promisify(gzip);

/**
 * The buffers of all streams. Records are transformed if the stream says so, then written as objects.
 *
 * A crash while an object is written repeats it under the same key: AWS promises "at least once" only.
 */
class Buffers {
  readonly #buffers = new Map<string, StreamBuffers>();
  #lastSequence = 0;

  constructor(private readonly streams: DeliveryStreams) {}

  /** Loads the records that an earlier run accepted. */
  async load() {
    for (const stream of this.streams.all()) {
      const buffers = this.#create(stream);
      this.#buffers.set(stream.name, buffers);
      await buffers.delivery.load();
      await buffers.transformation.load();
    }
  }

  resume() {
    for (const buffer of this.#all()) buffer.schedule();
  }

  async stop() {
    await Promise.all(this.#all().map(buffer => buffer.stop()));
  }

  /** Resolves with the records' ids when they are stored. */
  async accept({ name, transformation }: DeliveryStream, data: readonly Buffer[]): Promise<string[]> {
    const arrivedMs = this.streams.cloud.clock.nowMs();
    const records = data.map(bytes => ({ id: this.#nextId(arrivedMs), data: bytes.toString("base64"), arrivedMs }));
    const buffers = this.#buffers.get(name)!;
    await (transformation === undefined ? buffers.delivery : buffers.transformation).add(records);
    return records.map(({ id }) => id);
  }

  #all(): RecordBuffer[] {
    return [...this.#buffers.values()].flatMap(({ transformation, delivery }) => [transformation, delivery]);
  }

  /** Ids sort by time. The random part keeps them apart from those of an earlier run. */
  #nextId(atMs: number): string {
    this.#lastSequence += 1;
    return [String(atMs).padStart(15, "0"), String(this.#lastSequence).padStart(9, "0"), randomBytes(4).toString("hex")].join("-");
  }

  #create(stream: DeliveryStream): StreamBuffers {
    const { cloud, state } = this.streams;
    // If the stream had a function at the last start only, records that the function did not get are delivered as they are.
    const { bufferingSeconds = 0, bufferingSize = 1 } = stream.transformation ?? {};
    const delivery = new RecordBuffer(cloud, state, {
      stream: stream.name,
      folder: `record/${stream.name}/`,
      seconds: stream.bufferingSeconds,
      sizeBytes: stream.bufferingSize * MIB,
      handle: records => this.#deliver(stream, records),
    });
    const transformation = new RecordBuffer(cloud, state, {
      stream: stream.name,
      folder: `raw/${stream.name}/`,
      seconds: bufferingSeconds,
      sizeBytes: bufferingSize * MIB,
      mostBytes: bufferingSize * MIB,
      handle: async (records, attempt) => delivery.add(await this.#transform(stream, records, attempt)),
    });
    return { transformation, delivery };
  }

  /** Returns what is to be delivered. Throws `InvocationFailure` if the function is to be invoked again. */
  async #transform(stream: DeliveryStream, records: StoredRecord[], attempt: number): Promise<StoredRecord[]> {
    if (stream.transformation === undefined) return records;
    const { cloud } = this.streams;
    const { ok, failed } = await transform(cloud, stream, records).catch(error => {
      if (!(error instanceof InvocationFailure) || attempt <= stream.transformation!.retries) throw error;
      return { ok: [], failed: records.map(record => ({ record, failure: error.failure })) };
    });
    if (failed.length > 0) {
      const lines = buildFailedLines(stream, failed, attempt, cloud.clock.nowMs());
      await this.#putObject(stream, stream.errorOutputPrefix!, failed[0]!.record, lines);
    }
    return ok;
  }

  async #deliver(stream: DeliveryStream, records: StoredRecord[]) {
    const bytes = Buffer.concat(records.map(({ data }) => Buffer.from(data, "base64")));
    try {
      await this.#putObject(stream, stream.prefix, records[0]!, bytes);
    } finally {
      await this.#reportFreshness(stream, records[0]!);
    }
  }

  async #putObject(stream: DeliveryStream, prefix: string, first: StoredRecord, bytes: Buffer) {
    const Body = stream.compression === "GZIP" ? await compress(bytes) : bytes;
    const Bucket = stream.bucketArn.slice("arn:aws:s3:::".length);
    const input = { Bucket, Key: buildKey(stream, prefix, first), Body, ContentType: "application/octet-stream" };
    await this.streams.cloud.call("s3", "PutObject", input, writerOf(stream));
  }

  /** The metric of CloudWatch, if that service runs: the age of the oldest record, in seconds. */
  async #reportFreshness({ name, arn }: DeliveryStream, { arrivedMs }: StoredRecord) {
    const Dimensions = [{ Name: "DeliveryStreamName", Value: name }];
    const Value = Math.round((this.streams.cloud.clock.nowMs() - arrivedMs) / 1000);
    const MetricData = [{ MetricName: "DeliveryToS3.DataFreshness", Dimensions, Value, Unit: "Seconds" }];
    try {
      const caller = { kind: "service", principal: "firehose.amazonaws.com", sourceArn: arn } as const;
      await this.streams.cloud.call("monitoring", "PutMetricData", { Namespace: "AWS/Firehose", MetricData }, caller);
    } catch (error) {
      if (!(error instanceof AwsError && error.code === "UnknownService")) throw error;
    }
  }
}

/** Behaves as "Configure Amazon S3 object name format"; differs: the time is that of the oldest record, so that a repeated write has the same key. */
const buildKey = (stream: DeliveryStream, prefix: string, { id, arrivedMs }: StoredRecord): string => {
  const { name, version, compression, fileExtension } = stream;
  const hex = createHash("sha256").update(id).digest("hex");
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  const time = new Date(arrivedMs).toISOString().slice(0, 19).replace(/[T:]/g, "-");
  const extension = fileExtension ?? (compression === "GZIP" ? ".gz" : "");
  return `${evaluatePrefix(prefix, arrivedMs, hex.slice(32, 43))}${name}-${version}-${time}-${uuid}${extension}`;
};

export { Buffers };
