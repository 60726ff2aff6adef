import type { Timer } from "../../kernel/clock";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";

/** An accepted record. It is stored until an object contains it. */
interface StoredRecord {
  id: string;
  /** Base64. */
  data: string;
  arrivedMs: number;
}

/** When and how a buffer's records are handled. */
interface Plan {
  /** The beginning of its records' keys in the laptop's state. */
  folder: string;
  /** The records are handled when the first one is this old, or all together are this large, whichever comes first. */
  seconds: number;
  sizeBytes: number;
  /** How many bytes are handled at once. Default: all. */
  mostBytes?: number;
  /** Throws if they are to be handled again. `attempt` counts from 1. */
  handle(records: StoredRecord[], attempt: number): Promise<void>;
  /** Names the stream in a warning. */
  stream: string;
}

/** "Handle data delivery failures" (Firehose developer guide): for S3, Firehose retries for up to 24 hours, then the data is lost. */
const MAX_RETRY_MS = 24 * 3_600_000;

/** AWS documents no pauses between these attempts. */
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 300_000;

/** Collects records, in the order of their arrival, until there are enough of them or the first one is old enough. */
class RecordBuffer {
  readonly #records: StoredRecord[] = [];
  #sizeBytes = 0;
  #timer: Timer | undefined;
  #failures = 0;
  #handling: Promise<void> | undefined;
  #isStopped = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
    private readonly plan: Plan,
  ) {}

  /** Loads the records that an earlier run accepted. */
  async load() {
    this.#keep((await this.state.entries<StoredRecord>(this.plan.folder)).map(([, record]) => record));
  }

  /** Resolves when the records are stored. */
  async add(records: StoredRecord[]) {
    await this.state.batch(records.map(record => ({ put: this.#keyOf(record), value: record })));
    this.#keep(records);
    this.schedule();
  }

  schedule() {
    const [first] = this.#records;
    if (this.#isStopped || first === undefined || this.#handling !== undefined) return;
    // After a failure the pause decides, not the buffer.
    if (this.#failures > 0 && this.#timer !== undefined) return;
    const { clock } = this.cloud;
    const { seconds, sizeBytes } = this.plan;
    const pauseMs = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** (this.#failures - 1));
    const bufferedMs = this.#sizeBytes >= sizeBytes ? clock.nowMs() : first.arrivedMs + seconds * 1000;
    this.#timer?.cancel();
    this.#timer = clock.stopAt(this.#failures > 0 ? clock.nowMs() + pauseMs : bufferedMs, () => {
      this.#timer = undefined;
      this.#handling = clock.hold(this.#handle(this.#takeSome())).finally(() => {
        this.#handling = undefined;
        this.schedule();
      });
    });
  }

  async stop() {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#handling;
  }

  #keep(records: StoredRecord[]) {
    this.#records.push(...records);
    this.#sizeBytes += sizeOf(records);
  }

  #takeSome(): StoredRecord[] {
    const { mostBytes = Number.POSITIVE_INFINITY } = this.plan;
    let sizeBytes = 0;
    const end = this.#records.findIndex((record, index) => {
      sizeBytes += sizeOf([record]);
      return index > 0 && sizeBytes > mostBytes;
    });
    return this.#records.slice(0, end === -1 ? undefined : end);
  }

  async #handle(records: StoredRecord[]) {
    try {
      await this.plan.handle(records, this.#failures + 1);
    } catch (error) {
      // The cloud's stop aborted the call. The records stay stored for the next start.
      if (this.#isStopped) return;
      this.#failures += 1;
      if (this.cloud.clock.nowMs() - records[0]!.arrivedMs < MAX_RETRY_MS) return;
      console.warn(`Firehose lost ${records.length} records of ${this.plan.stream} after 24 hours: ${(error as Error).message}`);
    }
    this.#failures = 0;
    this.#records.splice(0, records.length);
    this.#sizeBytes -= sizeOf(records);
    await this.state.batch(records.map(record => ({ delete: this.#keyOf(record) })));
  }

  #keyOf({ id }: StoredRecord) {
    return `${this.plan.folder}${id}`;
  }
}

/** Bytes, near enough: base64 has four characters for three bytes. */
const sizeOf = (records: StoredRecord[]) => records.reduce((sum, { data }) => sum + (data.length * 3) / 4, 0);

export type { StoredRecord };
export { RecordBuffer };
