/** Accepts a message once: counts, reads, publishes, settles. Doors, retries and the relay all call `finish`. */
import { setTimeout as sleepMs } from "node:timers/promises";
import { chunk } from "#core/chunks";
import type { Deadline } from "#core/deadline";
import type { Log } from "#core/log";
import type { Message } from "#core/message/message";
import { buildReply, takeShown } from "#core/message/reply";
import { runSideBySide } from "#core/side-by-side";
import { createDynamoDB, createSNS, MAX_CALLS } from "#stores/aws-clients";
import { CountOnce, MAX_ITEMS } from "#stores/count-once";
import { MessagesTopic } from "#stores/message/messages-topic";
import { type MessageMarker, parseMessageMarker, type SeenRow, SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";

interface AcceptSettings {
  /** How long settled messages are remembered. Slack's delayed retries last 24 hours. */
  dedupHours: number;
}

/** The stores, the settings and the clock that accepting a message needs. */
interface AcceptParts {
  once: CountOnce;
  words: WordsTable;
  seen: SeenTable;
  topic: MessagesTopic;
  settings: AcceptSettings;
  log: Log;
  nowMs?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
}

/** The event that delivered a message, if any. */
interface EventKey {
  team: string;
  eventId: string;
}

/** Transaction 0 has room for two markers, even without an event id, so that a message has the same chunks in every attempt to finish it. */
const FIRST_COUNTERS = MAX_ITEMS - 2;
/** Each further transaction has one marker of its own. */
const MORE_COUNTERS = MAX_ITEMS - 1;
/** Chunk markers must outlive every pending message, so that the relay never adds a chunk twice. Each takes 100 bytes. */
const CHUNK_MARKER_SECONDS = 365 * 86_400;

/** A first delivery that is younger than this is probably still in progress. */
const YOUNG_MS = 2000;
const WAIT_MS = 150;
const MAX_WAITS = 8;
/** The time that waiting leaves for finishing, and that publishing leaves for settling. */
const FINISH_RESERVE_MS = 1000;
const SETTLE_RESERVE_MS = 300;

class Accept {
  readonly #parts: Required<AcceptParts>;

  constructor(parts: AcceptParts) {
    this.#parts = { nowMs: Date.now, sleep: sleepMs, ...parts };
  }

  /**
   * Accepts a message and returns its answer. A repeated delivery gets the first answer. Throws `NotDurable` if the time is up before the message
   * has its marker or, for the webhook, its answer. Slack then retries, and the retry continues where this attempt stopped.
   */
  async accept(message: Message, deadline: Deadline, event?: EventKey): Promise<string> {
    const marker: MessageMarker = { ...message, acceptedAtMs: this.#parts.nowMs(), pending: true };
    const existing = await this.count(marker, deadline, event);
    this.trace(existing === undefined ? "counted" : "seen before", message.id, deadline);
    try {
      return existing === undefined ? await this.finish(marker, deadline, true) : await this.repeat(existing, deadline);
    } catch (error) {
      if (message.door === "webhook") throw error;
      // The marker makes the message durable, and an event needs no answer.
      this.#parts.log.error("not finished; the relay will", error, { id: message.id });
      return "";
    }
  }

  /** Puts the markers and adds the first counters. Returns the earlier marker, if any. */
  async count(marker: MessageMarker, deadline: Deadline, event?: EventKey): Promise<SeenRow | undefined> {
    const [first = []] = chunk(marker.tokens, MORE_COUNTERS, FIRST_COUNTERS);
    const markers = [this.#parts.seen.buildMessageMarker(marker, marker.acceptedAtMs)];
    if (event !== undefined) markers.push(this.#parts.seen.buildEventMarker(event.team, event.eventId, marker.id, this.expiresAtSeconds()));
    const additions = first.map(token => this.#parts.words.buildAddition(marker.scope, token));
    return this.#parts.once.add(markers, additions, deadline);
  }

  /** Adds the counters that don't fit into transaction 0. Each chunk has its own marker. Skips chunks that are done. */
  async countRest(marker: MessageMarker, deadline: Deadline, isFirst: boolean): Promise<void> {
    const rest = chunk(marker.tokens, MORE_COUNTERS, FIRST_COUNTERS)
      .slice(1)
      .map((tokens, index) => ({ id: `${marker.id}#${index + 1}`, tokens }));
    const ids = rest.map(({ id }) => id);
    // Repeating a chunk would be harmless, but as slow as a new one: a message of 10,000 words would never finish.
    const done = isFirst ? new Set<string>() : await this.#parts.seen.findExisting(ids, deadline);
    const expiresAtSeconds = Math.ceil(this.#parts.nowMs() / 1000) + CHUNK_MARKER_SECONDS;
    const missing = rest.filter(({ id }) => !done.has(id));
    await runSideBySide(missing, MAX_CALLS, async ({ id, tokens }) => {
      const additions = tokens.map(token => this.#parts.words.buildAddition(marker.scope, token));
      await this.#parts.once.add([this.#parts.seen.buildEffectMarker(id, expiresAtSeconds)], additions, deadline);
    });
  }

  /** Reads the counts for the webhook's answer. The events door has no answer. */
  async read(marker: MessageMarker, deadline: Deadline): Promise<string> {
    if (marker.door !== "webhook") return "";
    const shown = takeShown(marker.tokens.map(([token]) => token));
    return buildReply(await this.#parts.words.readCounts(marker.scope, shown, deadline), marker.tokens.length);
  }

  /** Publishes a message and tells whether that worked. If not, the relay publishes it later. */
  async publish(marker: MessageMarker, deadline: Deadline): Promise<boolean> {
    try {
      await this.#parts.topic.publish(marker.envelope, marker, deadline.signal(SETTLE_RESERVE_MS));
      return true;
    } catch (error) {
      this.#parts.log.error("not published; the relay will", error, { id: marker.id });
      return false;
    }
  }

  /** Settles a published message, or keeps the answer of an unpublished one. Returns the first answer. */
  async settle(id: string, answer: string, published: boolean, deadline: Deadline): Promise<string> {
    return published
      ? this.#parts.seen.settle(id, answer, this.expiresAtSeconds(), deadline)
      : this.#parts.seen.keepAnswer(id, answer, deadline);
  }

  /** Finishes a message that has its marker, and returns its answer. Any number of callers may do this at the same time. */
  async finish(marker: MessageMarker, deadline: Deadline, isFirst = false): Promise<string> {
    let { answer } = marker;
    if (answer === undefined) {
      await this.countRest(marker, deadline, isFirst);
      // Before publishing: afterwards, the counts could include the subscribers' additions.
      answer = await this.read(marker, deadline);
      this.trace("read", marker.id, deadline);
    }
    const published = await this.publish(marker, deadline);
    this.trace(published ? "published" : "left to the relay", marker.id, deadline);
    const first = await this.settle(marker.id, answer, published, deadline);
    this.trace("answered", marker.id, deadline);
    return first;
  }

  /** Answers a repeated delivery: with the stored answer, after a short wait for it, or by finishing what the first delivery left. */
  async repeat(existing: SeenRow, deadline: Deadline): Promise<string> {
    const messageId = existing.message_id;
    let marker = messageId === undefined ? parseMessageMarker(existing) : await this.#parts.seen.get(messageId, deadline);
    for (let waits = 0; marker !== undefined && this.mayStillSettle(marker, waits, deadline); waits += 1) {
      await this.#parts.sleep(WAIT_MS);
      marker = await this.#parts.seen.get(marker.id, deadline);
    }
    // The message's marker may have expired a moment before the event's.
    if (marker === undefined) return "";
    return marker.pending ? this.finish(marker, deadline) : (marker.answer ?? "");
  }

  private mayStillSettle(marker: MessageMarker, waits: number, deadline: Deadline): boolean {
    const isYoung = this.#parts.nowMs() - marker.acceptedAtMs < YOUNG_MS;
    return marker.pending && isYoung && waits < MAX_WAITS && deadline.leftMs > FINISH_RESERVE_MS;
  }

  private trace(step: string, id: string, deadline: Deadline): void {
    this.#parts.log.debug(step, { id, leftMs: Math.round(deadline.leftMs) });
  }

  private expiresAtSeconds(): number {
    return Math.ceil(this.#parts.nowMs() / 1000) + this.#parts.settings.dedupHours * 3600;
  }
}

/** Creates an `Accept` and its clients, once per cold start. */
const createAccept = (
  settings: AcceptSettings & { wordsTable: string; seenTable: string; topicArn: string },
  log: Log,
  patience: "ack" | "background" = "ack",
): Accept => {
  const client = createDynamoDB(patience);
  return new Accept({
    once: new CountOnce(client),
    words: new WordsTable(client, settings.wordsTable),
    seen: new SeenTable(client, settings.seenTable),
    topic: new MessagesTopic(createSNS(patience), settings.topicArn),
    settings,
    log,
  });
};

export type { AcceptSettings, EventKey };
export { Accept, createAccept };
