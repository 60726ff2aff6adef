import { randomUUID } from "node:crypto";
import type { Clock, Timer } from "../../kernel/clock";
import { shuffled } from "../../kernel/seeded-random";
import type { StateChange } from "../../kernel/state";
import { purgeQueueInProgress } from "./errors";
import type { Handle, NewMessage, StoredMessage } from "./message";
import { type Attributes, type QueueSettings, settingsOf } from "./queue-attributes";

/** What is kept of a queue beside its messages. */
interface QueueRecord {
  name: string;
  attributes: Attributes;
  tags: Record<string, string>;
  createdMs: number;
  modifiedMs: number;
  /** Whether the program declares it; such a queue goes when the program no longer does. */
  declared: boolean;
}

interface QueueTools {
  clock: Clock;
  random: () => number;
  /** Whether messages come in any order at all, not just loosely in that of their sending. */
  isShuffled(): boolean;
}

/** What a receive takes. */
interface Taking {
  most: number;
  visibilityMs: number;
  /** A message that was received so often is dead; Infinity where no dead-letter queue takes it. */
  maxReceives: number;
}

interface Taken {
  messages: StoredMessage[];
  /** Those that were received too often already: out of this queue, for the caller to put into the dead-letter queue. */
  dead: StoredMessage[];
  changes: StateChange[];
}

interface Counts {
  visible: number;
  inFlight: number;
  delayed: number;
  /** How long the oldest has been here; 0 for an empty queue. */
  oldestAgeMs: number;
}

/** A standard queue hands out messages loosely in order: any of the first so many. Nobody should rely on more. */
const SHUFFLE_WINDOW = 50;

/** "PurgeQueue": once in so long. */
const PURGE_PAUSE_MS = 60_000;

/**
 * One queue's messages: which can be received, which are in flight, and whose receipt counts.
 *
 * Methods change the queue in memory at once and return what must be written before anyone is answered.
 */
class Queue {
  readonly #messages = new Map<number, StoredMessage>();
  readonly #waiting = new Set<() => void>();
  #nextSequence = 1;
  #purgedMs: number | undefined;
  #settings: QueueSettings;

  constructor(
    readonly record: QueueRecord,
    readonly arn: string,
    private readonly tools: QueueTools,
  ) {
    this.#settings = settingsOf(record.attributes);
  }

  get name() {
    return this.record.name;
  }

  get settings(): QueueSettings {
    return this.#settings;
  }

  get messages(): Iterable<StoredMessage> {
    return this.#messages.values();
  }

  /** Changes attributes or tags. */
  change(changes: Partial<Pick<QueueRecord, "attributes" | "tags" | "declared">>): StateChange {
    Object.assign(this.record, changes, { modifiedMs: this.tools.clock.nowMs() });
    this.#settings = settingsOf(this.record.attributes);
    return { put: queueKey(this.name), value: this.record };
  }

  /** Takes back what an earlier run left. */
  restore(message: StoredMessage) {
    this.#messages.set(message.sequence, message);
    this.#nextSequence = Math.max(this.#nextSequence, message.sequence + 1);
  }

  add(message: NewMessage): StateChange {
    const stored = { ...message, sequence: this.#nextSequence++, arrivedMs: this.tools.clock.nowMs() };
    const change = this.#keep(stored);
    this.#wake();
    return change;
  }

  /** Takes what can be received now, and hides it for `visibilityMs`. */
  take({ most, visibilityMs, maxReceives }: Taking): Taken {
    const nowMs = this.tools.clock.nowMs();
    const taken: Taken = { messages: [], dead: [], changes: [] };
    for (const message of this.#candidates(nowMs, taken.changes)) {
      if (taken.messages.length === most) break;
      if (message.receives >= maxReceives) {
        taken.dead.push(message);
        taken.changes.push(this.remove(message));
        continue;
      }
      message.receives++;
      message.firstReceivedMs ??= nowMs;
      message.visibleMs = nowMs + visibilityMs;
      message.receipt = { token: randomUUID(), atMs: nowMs };
      taken.messages.push(message);
      taken.changes.push(this.#keep(message));
    }
    return taken;
  }

  /** The message that a receipt handle stands for, if it is the latest receipt and the message is still there. */
  find({ sequence, token }: Handle): StoredMessage | undefined {
    const message = this.#messages.get(sequence);
    return message?.receipt?.token === token && !this.#isExpired(message, this.tools.clock.nowMs()) ? message : undefined;
  }

  /** Makes a message receivable at `visibleMs`. */
  show(message: StoredMessage, visibleMs: number): StateChange {
    message.visibleMs = visibleMs;
    const change = this.#keep(message);
    this.#wake();
    return change;
  }

  remove(message: StoredMessage): StateChange {
    this.#messages.delete(message.sequence);
    return { delete: messageKey(this.name, message.sequence) };
  }

  /** Throws `AwsError` PurgeQueueInProgress within a minute of the last purge. */
  purge(): StateChange[] {
    const nowMs = this.tools.clock.nowMs();
    if (this.#purgedMs !== undefined && nowMs < this.#purgedMs + PURGE_PAUSE_MS) throw purgeQueueInProgress(this.name);
    this.#purgedMs = nowMs;
    return this.clear();
  }

  clear(): StateChange[] {
    return [...this.#messages.values()].map(message => this.remove(message));
  }

  counts(): Counts {
    const nowMs = this.tools.clock.nowMs();
    const counts: Counts = { visible: 0, inFlight: 0, delayed: 0, oldestAgeMs: 0 };
    for (const message of this.#messages.values()) {
      if (this.#isExpired(message, nowMs)) continue;
      counts.oldestAgeMs = Math.max(counts.oldestAgeMs, nowMs - message.arrivedMs);
      if (message.visibleMs <= nowMs) counts.visible++;
      else if (message.receipt === undefined) counts.delayed++;
      else counts.inFlight++;
    }
    return counts;
  }

  /** Resolves when a message may have become receivable, when the cloud's time reaches `deadlineMs`, or when `signal` aborts. */
  changed(deadlineMs: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      let timer: Timer | undefined;
      const end = () => {
        timer?.cancel();
        this.#waiting.delete(end);
        signal.removeEventListener("abort", end);
        resolve();
      };
      if (signal.aborted) return end();
      signal.addEventListener("abort", end, { once: true });
      this.#waiting.add(end);
      timer = this.tools.clock.at(Math.min(deadlineMs, this.#nextVisibleMs()), end);
    });
  }

  /** All that can be received now, in the order in which it is handed out. Drops what has outlived its retention. */
  #candidates(nowMs: number, changes: StateChange[]): StoredMessage[] {
    const isShuffled = this.tools.isShuffled();
    const candidates: StoredMessage[] = [];
    for (const message of this.#messages.values()) {
      if (this.#isExpired(message, nowMs)) changes.push(this.remove(message));
      else if (message.visibleMs <= nowMs) candidates.push(message);
      if (candidates.length === SHUFFLE_WINDOW && !isShuffled) break;
    }
    return shuffled(candidates, this.tools.random);
  }

  #isExpired(message: StoredMessage, nowMs: number) {
    return message.sentMs + this.#settings.retentionSeconds * 1000 <= nowMs;
  }

  #nextVisibleMs(): number {
    const nowMs = this.tools.clock.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { visibleMs } of this.#messages.values()) if (visibleMs > nowMs && visibleMs < nextMs) nextMs = visibleMs;
    return nextMs;
  }

  #keep(message: StoredMessage): StateChange {
    this.#messages.set(message.sequence, message);
    return { put: messageKey(this.name, message.sequence), value: message };
  }

  #wake() {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** SQS API reference, CreateQueue. */
const isQueueName = (name: unknown): name is string => typeof name === "string" && /^[A-Za-z0-9_-]{1,80}$/.test(name);

const queueKey = (name: string) => `queue/${name}`;

/** A queue's name has no slash, so that no queue's prefix is another's. */
const messagesPrefix = (name: string) => `message/${name}/`;

const messageKey = (name: string, sequence: number) => `${messagesPrefix(name)}${String(sequence).padStart(12, "0")}`;

export type { QueueRecord, QueueTools };
export { isQueueName, messagesPrefix, Queue, queueKey };
