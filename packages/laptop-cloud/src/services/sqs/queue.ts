import { randomUUID } from "node:crypto";
import type { Clock, Timer } from "../../kernel/clock";
import { shuffled } from "../../kernel/seeded-random";
import type { StateChange } from "../../kernel/state";
import { purgeQueueInProgress } from "./errors";
import { inFairOrder } from "./fair-order";
import type { Handle, NewMessage, StoredMessage } from "./message";
import { type Attributes, type QueueSettings, settingsOf } from "./queue-attributes";

/** A queue as it is stored, without its messages. */
interface QueueRecord {
  name: string;
  attributes: Attributes;
  tags: Record<string, string>;
  createdMs: number;
  modifiedMs: number;
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
}

interface QueueTools {
  clock: Clock;
  random: () => number;
  /** Whether messages are received in any order, instead of loosely in the order of sending. */
  isShuffled(): boolean;
}

/** The parameters of a receive. */
interface Taking {
  most: number;
  visibilityMs: number;
  /** Messages that were received more often are dead letters. Infinity without a dead-letter queue. */
  maxReceives: number;
}

interface Taken {
  messages: StoredMessage[];
  /** Messages that were received too often. They are removed from this queue; the caller sends them to the dead-letter queue. */
  dead: StoredMessage[];
  changes: StateChange[];
}

interface Counts {
  visible: number;
  inFlight: number;
  delayed: number;
  /** The age of the oldest message; 0 for an empty queue. */
  oldestAgeMs: number;
}

/** A receive returns any of this many first messages, because standard queues are loosely ordered. */
const SHUFFLE_WINDOW = 50;

/** Minimum time between purges ("PurgeQueue"). */
const PURGE_PAUSE_MS = 60_000;

/**
 * The messages of one queue: which are visible, which are in flight, and which receipts are valid.
 *
 * Methods change the queue in memory at once, and return the changes to write before answering.
 */
class Queue {
  readonly #messages = new Map<number, StoredMessage>();
  readonly #waiting = new Set<() => void>();
  /** The messages that have a group: if there are any, the queue is fair. */
  readonly #grouped = new Set<number>();
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

  change(changes: Partial<Pick<QueueRecord, "attributes" | "tags" | "declared">>): StateChange {
    Object.assign(this.record, changes, { modifiedMs: this.tools.clock.nowMs() });
    this.#settings = settingsOf(this.record.attributes);
    return { put: queueKey(this.name), value: this.record };
  }

  /** Adds the messages of an earlier run. */
  restore(message: StoredMessage) {
    this.#messages.set(message.sequence, message);
    if (message.group !== undefined) this.#grouped.add(message.sequence);
    this.#nextSequence = Math.max(this.#nextSequence, message.sequence + 1);
  }

  add(message: NewMessage): StateChange {
    const stored = { ...message, sequence: this.#nextSequence++, arrivedMs: this.tools.clock.nowMs() };
    if (message.group !== undefined) this.#grouped.add(stored.sequence);
    const change = this.#keep(stored);
    this.#wake();
    return change;
  }

  /** Receives visible messages, and hides them for `visibilityMs`. */
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

  /** The message of a receipt handle, if the handle is the latest and the message still exists. */
  find({ sequence, token }: Handle): StoredMessage | undefined {
    const message = this.#messages.get(sequence);
    return message?.receipt?.token === token && !this.#isExpired(message, this.tools.clock.nowMs()) ? message : undefined;
  }

  /** Makes a message visible at `visibleMs`. */
  show(message: StoredMessage, visibleMs: number): StateChange {
    message.visibleMs = visibleMs;
    const change = this.#keep(message);
    this.#wake();
    return change;
  }

  remove(message: StoredMessage): StateChange {
    this.#messages.delete(message.sequence);
    this.#grouped.delete(message.sequence);
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

  /** Resolves when a message may have become visible, when the cloud's time reaches `deadlineMs`, or when `signal` aborts. */
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

  /** The visible messages, in the order of receiving. Deletes messages after their retention period. */
  #candidates(nowMs: number, changes: StateChange[]): Iterable<StoredMessage> {
    const [isShuffled, isFair] = [this.tools.isShuffled(), this.#grouped.size > 0];
    const candidates: StoredMessage[] = [];
    const inFlight = new Map<string, number>();
    for (const message of this.#messages.values()) {
      if (this.#isExpired(message, nowMs)) changes.push(this.remove(message));
      else if (message.visibleMs <= nowMs) candidates.push(message);
      else if (message.group !== undefined && message.receipt !== undefined)
        inFlight.set(message.group, (inFlight.get(message.group) ?? 0) + 1);
      if (candidates.length === SHUFFLE_WINDOW && !isShuffled && !isFair) break;
    }
    return isFair && !isShuffled ? inFairOrder(candidates, inFlight) : shuffled(candidates, this.tools.random);
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

/** Queue names have no slash, so no queue's prefix is part of another's. */
const messagesPrefix = (name: string) => `message/${name}/`;

const messageKey = (name: string, sequence: number) => `${messagesPrefix(name)}${String(sequence).padStart(12, "0")}`;

export type { QueueRecord, QueueTools };
export { isQueueName, messagesPrefix, Queue, queueKey };
