/** Accepts a message once: counts, reads, publishes, settles. Doors, retries and the relay all call `finish`. */
import { setTimeout as sleepMs } from "node:timers/promises";
import type { Deadline } from "#core/deadline";
import type { Log } from "#core/log";
import { buildScope, CountKeys, type KeyLayout } from "#core/message/count-keys";
import type { Message } from "#core/message/message";
import { buildReply, takeShown } from "#core/message/reply";
import type { TokenCount } from "#core/message/tokens";
import { metrics } from "#core/metrics";
import { createDynamoDB, createSNS } from "#stores/aws-clients";
import { type Addition, CountOnce } from "#stores/count-once";
import { type Applied, type Chunk, type CountedMessage, CountedVersions, type Effect } from "#stores/message/counted-versions";
import { Levels } from "#stores/message/levels";
import { MessagesTopic } from "#stores/message/messages-topic";
import { type MessageMarker, parseMessageMarker, type SeenRow, SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";

interface AcceptSettings {
  /** How long settled messages are remembered. Slack's delayed retries last 24 hours. */
  dedupHours: number;
  /** How long the counted version of each message is remembered, for later edits, and an answer to post, which may wait as a dead letter. */
  archiveDays: number;
}

/** The stores, the settings and the clock that accepting a message needs. */
interface AcceptParts {
  counted: CountedVersions;
  words: WordsTable;
  seen: SeenTable;
  /** Undefined if messages are not published. The door then raises the levels of words itself, because there is no subscriber to do it. */
  topic: MessagesTopic | undefined;
  levels: Pick<Levels, "raise">;
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

type Answered = MessageMarker & Required<Pick<MessageMarker, "answer">>;

/** A first delivery that is younger than this is probably still in progress. */
const YOUNG_MS = 2000;
const WAIT_MS = 150;
const MAX_WAITS = 8;
/** Waiting for another delivery stops early enough to finish the message; publishing stops early enough to settle it. */
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
    metrics.concern(message.id);
    const marker: MessageMarker = { ...message, acceptedAtMs: this.#parts.nowMs(), pending: true };
    const { existing, rest } = await this.count(marker, deadline, event);
    this.trace(existing === undefined ? "counted" : "seen before", message.id, deadline);
    report(message, existing === undefined);
    try {
      return existing === undefined ? await this.finish(marker, deadline, rest) : await this.repeat(existing, deadline);
    } catch (error) {
      if (message.door === "webhook") throw error;
      // The marker makes the message durable, and an event needs no answer.
      this.#parts.log.error("not finished; the relay will", error, { id: message.id });
      return "";
    }
  }

  /** Puts the markers and adds the first counters. Returns the earlier marker, if any, or else the counters that are left. */
  async count(marker: MessageMarker, deadline: Deadline, event?: EventKey): Promise<Applied> {
    const markers = [this.#parts.seen.buildMessageMarker(marker, marker.acceptedAtMs)];
    if (event !== undefined) markers.push(this.#parts.seen.buildEventMarker(event.team, event.eventId, marker.id, this.expiresAtSeconds()));
    return this.#parts.counted.apply(marker.version, marker.tokens, markers, deadline);
  }

  /** Reads the counts for the answer, if the message gets one and anything in it counts. */
  async read(marker: MessageMarker, deadline: Deadline): Promise<string> {
    const expectsAnswer = marker.door === "webhook" || marker.expectsAnswer;
    if (!expectsAnswer || marker.version === undefined) return "";
    const shown = takeShown(marker.tokens.map(([token]) => token));
    return buildReply(await this.#parts.words.readCounts(buildScope(marker.version), shown, deadline), marker.tokens.length);
  }

  /** Publishes a message, and tells whether that worked. If not, the relay publishes it later. Without a topic, it raises the levels of words. */
  async publish(marker: MessageMarker, deadline: Deadline): Promise<boolean> {
    const { topic, levels } = this.#parts;
    const attributes = isToBePosted(marker) ? { ...marker, answered: true } : marker;
    try {
      if (topic === undefined) await levels.raise(await this.findCounters(marker, deadline), deadline);
      else await topic.publish(marker.envelope, attributes, deadline.signal(SETTLE_RESERVE_MS));
      return true;
    } catch (error) {
      this.#parts.log.error("not published; the relay will", error, { id: marker.id });
      return false;
    }
  }

  /** Finds the counters of a message, public and private: an edit does not always tell where the message was counted. */
  private async findCounters({ version, tokens: known }: MessageMarker, deadline: Deadline): Promise<Addition[]> {
    if (version === undefined) return [];
    const { team, channel, ts } = version;
    // The marker of an edit has no tokens, and that of a long message only until it is answered.
    const tokens = known.length > 0 ? known : await this.#parts.counted.readTokens(version, deadline);
    return [{ team }, { team, channel }].flatMap(scope => tokens.map(token => this.#parts.words.buildAddition(scope, token, ts)));
  }

  /** Settles a published message, or keeps the answer of an unpublished one. Returns the first answer. */
  async settle(marker: Answered, published: boolean, deadline: Deadline): Promise<string> {
    const { id, answer } = marker;
    const hours = isToBePosted(marker) ? this.#parts.settings.archiveDays * 24 : this.#parts.settings.dedupHours;
    return published
      ? this.#parts.seen.settle(id, answer, this.expiresAtSeconds(hours), deadline)
      : this.#parts.seen.keepAnswer(id, answer, deadline);
  }

  /**
   * Finishes a message that has its marker, and returns its answer. Any number of callers may do this at the same time. `rest` are the counters
   * that are left, if the caller knows.
   */
  async finish(marker: MessageMarker, deadline: Deadline, rest?: readonly Chunk[]): Promise<string> {
    const answered = { ...marker, answer: marker.answer ?? (await this.answer(marker, deadline, rest)) };
    const published = await this.publish(answered, deadline);
    this.trace(published ? "published" : "left to the relay", marker.id, deadline);
    const first = await this.settle(answered, published, deadline);
    this.trace("answered", marker.id, deadline);
    return first;
  }

  /** Adds the counters that are left, and reads the answer: before publishing, or the counts could include the subscribers' additions. */
  private async answer(marker: MessageMarker, deadline: Deadline, rest?: readonly Chunk[]): Promise<string> {
    await this.#parts.counted.addRest(rest ?? (await this.#parts.counted.findRest(marker.version, deadline)), deadline);
    const answer = await this.read(marker, deadline);
    this.trace("read", marker.id, deadline);
    // The notifier reads a kept answer as soon as the message is published.
    return isToBePosted({ ...marker, answer }) ? this.#parts.seen.keepAnswer(marker.id, answer, deadline) : answer;
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

  private expiresAtSeconds(hours = this.#parts.settings.dedupHours): number {
    return Math.ceil(this.#parts.nowMs() / 1000) + hours * 3600;
  }
}

const report = ({ tokens }: Message, isNew: boolean): void => {
  metrics.add(isNew ? "Messages" : "Duplicates", 1);
  if (!isNew) return;
  metrics.add(
    "Tokens",
    tokens.reduce((sum, [, count]) => sum + count, 0),
  );
};

/** Tells whether the notifier posts the answer. The webhook answers its request itself. */
const isToBePosted = ({ door, answer = "" }: MessageMarker): boolean => door === "events" && answer !== "";

/** Each occurrence of a token counts once. */
class Counter implements Effect {
  readonly name = "counter";
  readonly times = 1;

  constructor(private readonly words: Pick<WordsTable, "buildAddition">) {}

  build(message: CountedMessage, tokens: readonly TokenCount[]): Addition[] {
    const scope = buildScope(message);
    return tokens.map(token => this.words.buildAddition(scope, token, message.ts));
  }
}

/** Creates an `Accept` and its clients, once per cold start. */
const createAccept = (
  settings: AcceptSettings & { wordsTable: string; seenTable: string; topicArn?: string | undefined; layout: KeyLayout },
  log: Log,
  patience: "ack" | "background" = "ack",
): Accept => {
  const client = createDynamoDB(patience);
  const words = new WordsTable(client, settings.wordsTable, new CountKeys(settings.layout));
  const seen = new SeenTable(client, settings.seenTable);
  return new Accept({
    counted: new CountedVersions({ once: new CountOnce(client), seen, effect: new Counter(words), ...settings }),
    words,
    seen,
    topic: settings.topicArn === undefined ? undefined : new MessagesTopic(createSNS(patience), settings.topicArn),
    levels: new Levels(client),
    settings,
    log,
  });
};

export type { AcceptSettings, EventKey };
export { Accept, Counter, createAccept };
