/** A log event as it is stored. */
interface StoredEvent {
  id: string;
  stream: string;
  timestampMs: number;
  ingestionMs: number;
  message: string;
}

interface LogStream {
  name: string;
  creationMs: number;
  firstEventMs?: number;
  lastEventMs?: number;
  lastIngestionMs?: number;
}

interface GroupSettings {
  creationMs: number;
  /** Absent: forever. */
  retentionDays?: number;
  tags: Record<string, string>;
}

/** How much is kept of each group in memory: the newest events. Older ones are deleted. */
const MAX_KEPT_EVENTS = 50_000;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

const DAY_MS = 86_400_000;

/** A log group in memory: its settings, its streams, and its events in order of arrival. */
class LogGroup {
  readonly streams = new Map<string, LogStream>();
  #events: StoredEvent[] = [];
  #bytes = 0;

  constructor(
    readonly name: string,
    readonly settings: GroupSettings,
  ) {}

  get storedBytes() {
    return this.#bytes;
  }

  addStream(name: string, creationMs: number): LogStream {
    const stream = { name, creationMs };
    this.streams.set(name, stream);
    return stream;
  }

  deleteStream(name: string) {
    this.streams.delete(name);
    this.#keep(event => event.stream !== name);
  }

  add(events: StoredEvent[]) {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += sizeOf(event);
      const stream = this.streams.get(event.stream) ?? this.addStream(event.stream, event.ingestionMs);
      stream.firstEventMs = Math.min(stream.firstEventMs ?? event.timestampMs, event.timestampMs);
      stream.lastEventMs = Math.max(stream.lastEventMs ?? event.timestampMs, event.timestampMs);
      stream.lastIngestionMs = event.ingestionMs;
    }
    if (this.#events.length > MAX_KEPT_EVENTS * 1.1 || this.#bytes > MAX_KEPT_BYTES * 1.1) this.#shrink();
  }

  /** The events within the retention period at `nowMs`, in order of arrival. */
  eventsAt(nowMs: number): readonly StoredEvent[] {
    const { retentionDays } = this.settings;
    if (retentionDays !== undefined) {
      const oldestMs = nowMs - retentionDays * DAY_MS;
      if (this.#events.some(event => event.timestampMs < oldestMs)) this.#keep(event => event.timestampMs >= oldestMs);
    }
    return this.#events;
  }

  /** Deletes the oldest events above the limits. */
  #shrink() {
    let dropped = 0;
    while (this.#events.length - dropped > MAX_KEPT_EVENTS || this.#bytes > MAX_KEPT_BYTES) this.#bytes -= sizeOf(this.#events[dropped++]!);
    this.#events = this.#events.slice(dropped);
  }

  #keep(isKept: (event: StoredEvent) => boolean) {
    this.#events = this.#events.filter(isKept);
    this.#bytes = this.#events.reduce((bytes, event) => bytes + sizeOf(event), 0);
  }
}

/** PutLogEvents counts 26 bytes per event in addition to its message. */
const sizeOf = ({ message }: Pick<StoredEvent, "message">) => Buffer.byteLength(message) + 26;

export type { GroupSettings, LogStream, StoredEvent };
export { LogGroup, MAX_KEPT_BYTES, sizeOf };
