/** Accepts a message once: count, read, publish, settle. The doors, retries and the relay all end in `finish`. */
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

/** The event that brought a message, where there is one. */
interface EventKey {
  team: string;
  eventId: string;
}

/** Transaction 0 holds two markers, also where there is no event id: a message has the same chunks whoever finishes it. */
const FIRST_COUNTERS = MAX_ITEMS - 2;
/** Each further transaction holds its own marker. */
const MORE_COUNTERS = MAX_ITEMS - 1;
/** Chunk markers have to outlive anything pending, so that the relay never adds a chunk twice; they take 100 bytes each. */
const CHUNK_MARKER_SECONDS = 365 * 86_400;

/** A first delivery that is younger is probably still at work. */
const YOUNG_MS = 2000;
const WAIT_MS = 150;
const MAX_WAITS = 8;
/** Time that waiting leaves for finishing, and publishing for settling. */
const FINISH_RESERVE_MS = 1000;
const SETTLE_RESERVE_MS = 300;

class Accept {
  constructor(
    private readonly once: CountOnce,
    private readonly words: WordsTable,
    private readonly seen: SeenTable,
    private readonly topic: MessagesTopic,
    private readonly settings: AcceptSettings,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
    private readonly sleep: (ms: number) => Promise<unknown> = sleepMs,
  ) {}

  /**
   * Accepts a message and returns its answer; a repetition gets the first answer. Throws `NotDurable` when the time is up before the message
   * has its marker, and for the webhook also when there is no answer yet: Slack asks again, and the work goes on where it stopped.
   */
  async accept(message: Message, deadline: Deadline, event?: EventKey): Promise<string> {
    const marker: MessageMarker = { ...message, acceptedAtMs: this.nowMs(), pending: true };
    const existing = await this.count(marker, deadline, event);
    this.trace(existing === undefined ? "counted" : "seen before", message.id, deadline);
    try {
      return existing === undefined ? await this.finish(marker, deadline, true) : await this.repeat(existing, deadline);
    } catch (error) {
      if (message.door === "webhook") throw error;
      // The marker makes the message durable, and an event needs no answer.
      this.log.error("not finished; the relay will", error, { id: message.id });
      return "";
    }
  }

  /** Puts the markers and adds the first counters. Returns the marker that was there before, if there was one. */
  async count(marker: MessageMarker, deadline: Deadline, event?: EventKey): Promise<SeenRow | undefined> {
    const [first = []] = chunk(marker.tokens, MORE_COUNTERS, FIRST_COUNTERS);
    const markers = [this.seen.buildMessageMarker(marker, marker.acceptedAtMs)];
    if (event !== undefined) markers.push(this.seen.buildEventMarker(event.team, event.eventId, marker.id, this.expiresAtSeconds()));
    const additions = first.map(token => this.words.buildAddition(marker.scope, token));
    return this.once.add(markers, additions, deadline);
  }

  /** Adds the counters that transaction 0 does not hold, each chunk with its own marker, apart from the chunks that are done. */
  async countRest(marker: MessageMarker, deadline: Deadline, isFirst: boolean): Promise<void> {
    const rest = chunk(marker.tokens, MORE_COUNTERS, FIRST_COUNTERS)
      .slice(1)
      .map((tokens, index) => ({ id: `${marker.id}#${index + 1}`, tokens }));
    const ids = rest.map(({ id }) => id);
    // A repeated chunk would do no harm, but cost as much time as a new one: 10,000 words would never come to an end.
    const done = isFirst ? new Set<string>() : await this.seen.findExisting(ids, deadline);
    const expiresAtSeconds = Math.ceil(this.nowMs() / 1000) + CHUNK_MARKER_SECONDS;
    const missing = rest.filter(({ id }) => !done.has(id));
    await runSideBySide(missing, MAX_CALLS, async ({ id, tokens }) => {
      const additions = tokens.map(token => this.words.buildAddition(marker.scope, token));
      await this.once.add([this.seen.buildEffectMarker(id, expiresAtSeconds)], additions, deadline);
    });
  }

  /** Reads the counts for the webhook's answer; the events door has nothing to say. */
  async read(marker: MessageMarker, deadline: Deadline): Promise<string> {
    if (marker.door !== "webhook") return "";
    const shown = takeShown(marker.tokens.map(([token]) => token));
    return buildReply(await this.words.readCounts(marker.scope, shown, deadline), marker.tokens.length);
  }

  /** Publishes a message; tells whether that worked. A failure is not the door's: the relay publishes later. */
  async publish(marker: MessageMarker, deadline: Deadline): Promise<boolean> {
    try {
      await this.topic.publish(marker.envelope, marker, deadline.signal(SETTLE_RESERVE_MS));
      return true;
    } catch (error) {
      this.log.error("not published; the relay will", error, { id: marker.id });
      return false;
    }
  }

  /** Settles a published message, or keeps the answer of an unpublished one. Returns the first answer. */
  async settle(id: string, answer: string, published: boolean, deadline: Deadline): Promise<string> {
    return published ? this.seen.settle(id, answer, this.expiresAtSeconds(), deadline) : this.seen.keepAnswer(id, answer, deadline);
  }

  /** Does what is left to do for a message that has its marker, and returns its answer. Any number of callers may do so at once. */
  async finish(marker: MessageMarker, deadline: Deadline, isFirst = false): Promise<string> {
    let { answer } = marker;
    if (answer === undefined) {
      await this.countRest(marker, deadline, isFirst);
      // Before publishing: afterwards the subscribers' additions could show.
      answer = await this.read(marker, deadline);
      this.trace("read", marker.id, deadline);
    }
    const published = await this.publish(marker, deadline);
    this.trace(published ? "published" : "left to the relay", marker.id, deadline);
    const first = await this.settle(marker.id, answer, published, deadline);
    this.trace("answered", marker.id, deadline);
    return first;
  }

  /** Answers a repetition: with the stored answer, after waiting for it a little, or by finishing what the first delivery left. */
  async repeat(existing: SeenRow, deadline: Deadline): Promise<string> {
    const messageId = existing.message_id;
    let marker = messageId === undefined ? parseMessageMarker(existing) : await this.seen.get(messageId, deadline);
    for (let waits = 0; marker !== undefined && this.mayStillSettle(marker, waits, deadline); waits += 1) {
      await this.sleep(WAIT_MS);
      marker = await this.seen.get(marker.id, deadline);
    }
    // The message of an event id may have expired a moment before the event id.
    if (marker === undefined) return "";
    return marker.pending ? this.finish(marker, deadline) : (marker.answer ?? "");
  }

  private mayStillSettle(marker: MessageMarker, waits: number, deadline: Deadline): boolean {
    const isYoung = this.nowMs() - marker.acceptedAtMs < YOUNG_MS;
    return marker.pending && isYoung && waits < MAX_WAITS && deadline.leftMs > FINISH_RESERVE_MS;
  }

  private trace(step: string, id: string, deadline: Deadline): void {
    this.log.debug(step, { id, leftMs: Math.round(deadline.leftMs) });
  }

  private expiresAtSeconds(): number {
    return Math.ceil(this.nowMs() / 1000) + this.settings.dedupHours * 3600;
  }
}

/** Creates an `Accept` and its clients, once per cold start. */
const createAccept = (
  settings: AcceptSettings & { wordsTable: string; seenTable: string; topicArn: string },
  log: Log,
  patience: "ack" | "background" = "ack",
): Accept => {
  const client = createDynamoDB(patience);
  return new Accept(
    new CountOnce(client),
    new WordsTable(client, settings.wordsTable),
    new SeenTable(client, settings.seenTable),
    new MessagesTopic(createSNS(patience), settings.topicArn),
    settings,
    log,
  );
};

export type { AcceptSettings, EventKey };
export { Accept, createAccept };
