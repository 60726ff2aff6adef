import { createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { AwsError } from "../../kernel/aws-error";
import type { RoleCaller } from "../../kernel/caller";
import type { Timer } from "../../kernel/clock";
import type { DeliveryStream } from "./delivery-stream";
import { evaluatePrefix } from "./prefix";
import type { DeliveryStreams } from "./store";

/** An accepted record. It is stored until an object contains it. */
interface StoredRecord {
  id: string;
  /** Base64. */
  data: string;
  arrivedMs: number;
}

/** The records of one stream that no object contains yet, in the order of their arrival. */
interface Buffered {
  records: StoredRecord[];
  /** Of all records, near enough. */
  sizeBytes: number;
  timer?: Timer | undefined;
  /** Failed attempts to write the next object. */
  failures: number;
  writing?: Promise<void> | undefined;
}

const MIB = 1024 * 1024;

/** "Handle data delivery failures" (Firehose developer guide): for S3, Firehose retries for up to 24 hours, then the data is lost. */
const MAX_RETRY_MS = 24 * 3_600_000;

/** AWS documents no pauses between these attempts. */
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 300_000;

const compress = promisify(gzip);

/**
 * Collects records until there are enough of them or the first one is old enough, then writes them as one object.
 *
 * A crash while an object is written repeats it under the same key: AWS promises "at least once" only.
 */
class Buffers {
  readonly #buffers = new Map<string, Buffered>();
  #lastSequence = 0;
  #isStopped = false;

  constructor(private readonly streams: DeliveryStreams) {}

  /** Loads the records that an earlier run accepted. */
  async load() {
    for (const { name } of this.streams.all()) {
      const entries = await this.streams.state.entries<StoredRecord>(`record/${name}/`);
      const records = entries.map(([, record]) => record);
      this.#buffers.set(name, { records, sizeBytes: sizeOf(records), failures: 0 });
    }
  }

  resume() {
    for (const stream of this.streams.all()) this.#schedule(stream.name);
  }

  async stop() {
    this.#isStopped = true;
    for (const { timer } of this.#buffers.values()) timer?.cancel();
    await Promise.all([...this.#buffers.values()].map(({ writing }) => writing));
  }

  /** Resolves with the records' ids when they are stored. */
  async accept({ name }: DeliveryStream, data: readonly Buffer[]): Promise<string[]> {
    const arrivedMs = this.streams.cloud.clock.nowMs();
    const records = data.map(bytes => ({ id: this.#nextId(arrivedMs), data: bytes.toString("base64"), arrivedMs }));
    await this.streams.state.batch(records.map(record => ({ put: keyOf(name, record), value: record })));
    const buffer = this.#buffers.get(name) ?? { records: [], sizeBytes: 0, failures: 0 };
    this.#buffers.set(name, buffer);
    buffer.records.push(...records);
    buffer.sizeBytes += sizeOf(records);
    this.#schedule(name);
    return records.map(({ id }) => id);
  }

  /** Ids sort by time. The random part keeps them apart from those of an earlier run. */
  #nextId(atMs: number): string {
    this.#lastSequence += 1;
    return [String(atMs).padStart(15, "0"), String(this.#lastSequence).padStart(9, "0"), randomBytes(4).toString("hex")].join("-");
  }

  #schedule(name: string) {
    const stream = this.streams.find(name);
    const buffer = this.#buffers.get(name);
    const first = buffer?.records[0];
    if (this.#isStopped || stream === undefined || buffer === undefined || first === undefined || buffer.writing !== undefined) return;
    // After a failure the pause decides, not the buffer.
    if (buffer.failures > 0 && buffer.timer !== undefined) return;
    const { clock } = this.streams.cloud;
    const pauseMs = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** (buffer.failures - 1));
    const isFull = buffer.sizeBytes >= stream.bufferingSize * MIB;
    const bufferedMs = isFull ? clock.nowMs() : first.arrivedMs + stream.bufferingSeconds * 1000;
    buffer.timer?.cancel();
    buffer.timer = clock.stopAt(buffer.failures > 0 ? clock.nowMs() + pauseMs : bufferedMs, () => {
      buffer.timer = undefined;
      buffer.writing = clock.hold(this.#write(stream, buffer)).finally(() => {
        buffer.writing = undefined;
        this.#schedule(name);
      });
    });
  }

  async #write(stream: DeliveryStream, buffer: Buffered) {
    const records = [...buffer.records];
    try {
      await this.#putObject(stream, records);
    } catch (error) {
      // The cloud's stop aborted the call. The records stay stored for the next start.
      if (this.#isStopped) return;
      buffer.failures += 1;
      await this.#reportFreshness(stream, records);
      if (this.#ageOf(records) < MAX_RETRY_MS) return;
      console.warn(`Firehose lost ${records.length} records of ${stream.name} after 24 hours: ${(error as Error).message}`);
    }
    buffer.failures = 0;
    buffer.records.splice(0, records.length);
    buffer.sizeBytes -= sizeOf(records);
    await this.streams.state.batch(records.map(record => ({ delete: keyOf(stream.name, record) })));
  }

  async #putObject(stream: DeliveryStream, records: StoredRecord[]) {
    const bytes = Buffer.concat(records.map(({ data }) => Buffer.from(data, "base64")));
    const Body = stream.compression === "GZIP" ? await compress(bytes) : bytes;
    const Bucket = stream.bucketArn.slice("arn:aws:s3:::".length);
    const input = { Bucket, Key: buildKey(stream, records[0]!), Body, ContentType: "application/octet-stream" };
    await this.streams.cloud.call("s3", "PutObject", input, writerOf(stream));
    await this.#reportFreshness(stream, records);
  }

  /** The metric of CloudWatch, if that service runs: the age of the oldest record, in seconds. */
  async #reportFreshness({ name, arn }: DeliveryStream, records: StoredRecord[]) {
    const Dimensions = [{ Name: "DeliveryStreamName", Value: name }];
    const Value = Math.round(this.#ageOf(records) / 1000);
    const MetricData = [{ MetricName: "DeliveryToS3.DataFreshness", Dimensions, Value, Unit: "Seconds" }];
    try {
      const caller = { kind: "service", principal: "firehose.amazonaws.com", sourceArn: arn } as const;
      await this.streams.cloud.call("monitoring", "PutMetricData", { Namespace: "AWS/Firehose", MetricData }, caller);
    } catch (error) {
      if (!(error instanceof AwsError && error.code === "UnknownService")) throw error;
    }
  }

  #ageOf([first]: StoredRecord[]): number {
    return this.streams.cloud.clock.nowMs() - first!.arrivedMs;
  }
}

/** Behaves as "Configure Amazon S3 object name format"; differs: the time is that of the oldest record, so that a repeated write has the same key. */
const buildKey = ({ name, version, prefix, compression, fileExtension }: DeliveryStream, { id, arrivedMs }: StoredRecord): string => {
  const hex = createHash("sha256").update(id).digest("hex");
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  const time = new Date(arrivedMs).toISOString().slice(0, 19).replace(/[T:]/g, "-");
  const extension = fileExtension ?? (compression === "GZIP" ? ".gz" : "");
  return `${evaluatePrefix(prefix, arrivedMs, hex.slice(32, 43))}${name}-${version}-${time}-${uuid}${extension}`;
};

const writerOf = ({ roleArn, arn }: DeliveryStream): RoleCaller => ({
  kind: "role",
  roleArn,
  principal: "firehose.amazonaws.com",
  sourceArn: arn,
});

/** Bytes, near enough: base64 has four characters for three bytes. */
const sizeOf = (records: StoredRecord[]) => records.reduce((sum, { data }) => sum + (data.length * 3) / 4, 0);

const keyOf = (name: string, { id }: Pick<StoredRecord, "id">) => `record/${name}/${id}`;

export { Buffers };
