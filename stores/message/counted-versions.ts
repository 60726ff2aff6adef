/**
 * Keeps one effect's counters at the numbers of each message's latest version: the door's counts, the multiplier's or the leaderboard's.
 *
 * For each message and effect, a row of the table `seen` has the version that was applied, and the numbers that it added. A later version replaces
 * the row and adds the differences, in one transaction. Differences that don't fit follow in chunks with markers of their own; the row then also
 * has the numbers from before, so that anybody can finish. A version is replaced only after it is finished.
 */
import { chunk } from "#core/chunks";
import type { Deadline } from "#core/deadline";
import { buildSpeakerDay, dayOf, type Person } from "#core/message/count-keys";
import type { TokenCount } from "#core/message/tokens";
import { BY_BOTH, buildDifferences, isKnown, isTooLate, type MessageVersion, ORIGINAL } from "#core/message/version";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";
import { type Addition, type CountOnce, MAX_ITEMS, type Marker } from "#stores/count-once";
import { packCounts, unpackCounts } from "#stores/message/packed-counts";
import type { SeenRow, SeenTable, VersionRow } from "#stores/message/seen-table";

/** A message as an effect counted it. Later versions count under the same conversation, and as much per occurrence. */
interface CountedMessage extends Pick<MessageVersion, "team" | "channel" | "ts" | "private"> {
  times: number;
  /** The person on whose boards it counts, if any. Rows of earlier releases have none. */
  person?: Person;
}

interface Effect {
  /** Names the effect's rows. */
  name: string;
  /** What an occurrence of a token adds. */
  times: number;
  /** Finds on whose boards a message counts; called when its first version is counted. */
  findPerson?(version: MessageVersion, deadline: Deadline): Promise<Person | undefined>;
  build(message: CountedMessage, tokens: readonly TokenCount[]): Addition[];
  /** Builds the additions, made by a door, to counters whose levels this effect raises. */
  buildOthers?(message: CountedMessage, tokens: readonly TokenCount[]): Addition[];
}

interface CountedVersionsParts {
  once: Pick<CountOnce, "add">;
  seen: Pick<SeenTable, "buildVersionMarker" | "buildEffectMarker" | "getVersion" | "findExisting">;
  effect: Effect;
  /** How long versions are remembered. */
  archiveDays: number;
  /** Without a remembered version, later edits and deletions are ignored. */
  dedupHours: number;
  nowMs?: () => number;
}

/** The version that was applied last. */
interface Counted {
  message: CountedMessage;
  order: string;
  tokens: TokenCount[];
  /** Where differences follow in chunks: the numbers before this version, and how many additions the first transaction had. */
  rest?: { before: TokenCount[]; room: number };
}

interface Chunk {
  /** The key of its marker. */
  id: string;
  additions: Addition[];
}

/** `existing` is the marker that existed before; otherwise `rest` is to be added. */
interface Applied {
  existing?: SeenRow;
  rest: Chunk[];
  /** The message as it was first counted, even if this is a later version. Undefined without a version. */
  message?: CountedMessage;
}

/** One item of each further transaction is its marker. */
const MORE_ADDITIONS = MAX_ITEMS - 1;
/** Markers of chunks must outlive every pending message. Each takes 100 bytes. */
const CHUNK_MARKER_SECONDS = 365 * 86_400;

const keyOf = ({ team, channel, ts }: Pick<MessageVersion, "team" | "channel" | "ts">, { name }: Effect): string =>
  `${team}-${channel}-${ts}#${name}`;

class CountedVersions {
  readonly #parts: Required<CountedVersionsParts>;

  constructor(parts: CountedVersionsParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /**
   * Puts the markers and, if there is a version and it is newer than the applied one, applies it, in one transaction. If a marker exists, nothing
   * happens. The caller adds the rest. Throws `NotDurable`.
   */
  async apply(version: MessageVersion | undefined, tokens: TokenCount[], markers: readonly Marker[], deadline: Deadline): Promise<Applied> {
    if (version === undefined) return { existing: await this.#parts.once.add<SeenRow>([...markers], [], deadline), rest: [] };
    // Originals usually come first.
    let known = version.order === ORIGINAL ? undefined : await this.read(version, deadline);
    for (;;) {
      const due = this.findDue(version, tokens, known);
      if (due && known !== undefined) await this.addRest(await this.findMissing(known, deadline), deadline);
      const message = known?.message ?? (await this.describe(version, deadline));
      const next = due && this.build({ message, ...due }, known, MAX_ITEMS - 1 - markers.length);
      const puts = next === undefined ? markers : [...markers, next.marker];
      // An earlier attempt may have applied this very version, and died before it added the rest.
      const rest = next?.rest ?? (known && isKnown(version, known.order) ? await this.findMissing(known, deadline) : []);
      if (puts.length === 0) return { rest, message };
      const existing = await this.#parts.once.add<SeenRow>([...puts], next?.first ?? [], deadline);
      if (existing === undefined) return { rest, message };
      const isMarker = existing.version === undefined && Object.keys(existing).length > 0;
      if (isMarker) return { existing, rest: [], message };
      // In the meantime another version was applied, or the row has expired.
      known = existing.version === undefined ? undefined : this.parse(version, existing as VersionRow);
    }
  }

  /** Finds the chunks that a version still lacks. A later version was applied only after they were added. */
  async findRest(version: MessageVersion | undefined, deadline: Deadline): Promise<Chunk[]> {
    if (version === undefined) return [];
    const known = await this.read(version, deadline);
    return known && isKnown(version, known.order) ? this.findMissing(known, deadline) : [];
  }

  /** Reads the numbers of the version that was applied last. */
  async readTokens(version: MessageVersion, deadline: Deadline): Promise<TokenCount[]> {
    return (await this.read(version, deadline))?.tokens ?? [];
  }

  /** Adds chunks side by side, each in one transaction with its marker. */
  async addRest(rest: readonly Chunk[], deadline: Deadline): Promise<void> {
    const expiresAtSeconds = this.secondsFromNow(CHUNK_MARKER_SECONDS);
    await runSideBySide(rest, MAX_CALLS, async ({ id, additions }) => {
      await this.#parts.once.add([this.#parts.seen.buildEffectMarker(id, expiresAtSeconds)], additions, deadline);
    });
  }

  /** Finds the tokens to apply. If the other door has already counted the original, adds only the tokens that it did not count. */
  private findDue({ order, ...version }: MessageVersion, tokens: TokenCount[], known: Counted | undefined) {
    if (known === undefined) return isTooLate({ order, ...version }, this.#parts.dedupHours) ? undefined : { order, tokens };
    if (order > known.order) return { order, tokens };
    const counted = new Set(known.tokens.map(([token]) => token));
    const others = order === ORIGINAL && known.order === ORIGINAL ? tokens.filter(([token]) => !counted.has(token)) : [];
    return others.length === 0 ? undefined : { order: BY_BOTH, tokens: [...known.tokens, ...others] };
  }

  private async describe(version: MessageVersion, deadline: Deadline): Promise<CountedMessage> {
    const { team, channel, ts, private: isPrivate } = version;
    const { times } = this.#parts.effect;
    const person = await this.#parts.effect.findPerson?.(version, deadline);
    return { team, channel, ts, private: isPrivate, times, ...(person && { person }) };
  }

  /** Builds the row that replaces the known one, and the additions: `room` of them fit into the row's transaction. */
  private build(counted: Counted, known: Counted | undefined, room: number) {
    const whole: Counted = { ...counted, rest: { before: known?.tokens ?? [], room } };
    const [first = [], ...others] = this.chunk(whole);
    const next = others.length === 0 ? counted : whole;
    return { marker: this.buildMarker(next, known), first, rest: this.restOf(next) };
  }

  private chunk({ message, tokens, rest }: Counted): Addition[][] {
    if (rest === undefined) return [];
    const additions = this.#parts.effect.build(message, buildDifferences(rest.before, tokens));
    return chunk(additions, MORE_ADDITIONS, rest.room);
  }

  private restOf(counted: Counted): Chunk[] {
    const key = keyOf(counted.message, this.#parts.effect);
    return this.chunk(counted).flatMap((additions, index) => (index === 0 ? [] : [{ id: `${key}#${counted.order}#${index}`, additions }]));
  }

  /** Repeating a chunk would be harmless, but as slow as a new one: a message of 10,000 words would never finish. */
  private async findMissing(counted: Counted, deadline: Deadline): Promise<Chunk[]> {
    const rest = this.restOf(counted);
    if (rest.length === 0) return [];
    const done = await this.#parts.seen.findExisting(
      rest.map(({ id }) => id),
      deadline,
    );
    return rest.filter(({ id }) => !done.has(id));
  }

  private buildMarker({ message, order, tokens, rest }: Counted, replaced: Counted | undefined): Marker {
    const row: VersionRow = {
      version: order,
      counts: packCounts(tokens),
      private: message.private,
      times: message.times,
      ...(message.person && { person: message.person, speaker_day: speakerDayOf(message, message.person) }),
      ...(rest === undefined ? {} : { before: packCounts(rest.before), room: rest.room }),
      expires_at: this.secondsFromNow(this.#parts.archiveDays * 86_400),
    };
    return this.#parts.seen.buildVersionMarker(keyOf(message, this.#parts.effect), row, replaced?.order);
  }

  private async read(version: MessageVersion, deadline: Deadline): Promise<Counted | undefined> {
    const row = await this.#parts.seen.getVersion(keyOf(version, this.#parts.effect), deadline);
    return row && this.parse(version, row);
  }

  private parse({ team, channel, ts }: MessageVersion, row: VersionRow): Counted {
    const { version, counts, private: isPrivate, times, person, before, room } = row;
    return {
      message: { team, channel, ts, private: isPrivate, times, ...(person && { person }) },
      order: version,
      tokens: unpackCounts(counts),
      ...(before === undefined || room === undefined ? {} : { rest: { before: unpackCounts(before), room } }),
    };
  }

  private secondsFromNow(seconds: number): number {
    return Math.ceil(this.#parts.nowMs() / 1000) + seconds;
  }
}

const speakerDayOf = ({ team, ts }: CountedMessage, person: Person): string => buildSpeakerDay(team, person, dayOf(Number(ts) * 1000));

export type { Applied, Chunk, CountedMessage, Effect };
export { CountedVersions };
