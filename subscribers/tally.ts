/** Counts each message once for one subscriber, and keeps the count up to the message's edits and deletion. */
import { Deadline } from "#core/deadline";
import { type EventEnvelope, isEventEnvelope, readEventVersion, tokensOfEvent } from "#core/message/event";
import { type Envelope, readVersion, tokensOf } from "#core/message/message";
import type { Split } from "#core/message/tokens";
import { ORIGINAL } from "#core/message/version";
import { createDynamoDB } from "#stores/aws-clients";
import { CountOnce } from "#stores/count-once";
import { CountedVersions, type Effect } from "#stores/message/counted-versions";
import { SeenTable } from "#stores/message/seen-table";

interface TallySettings {
  seenTable: string;
  split: Split;
  ignoreWords: string[];
  /** How long a message can be replayed or edited, in days. */
  archiveDays: number;
  /** How long after a message an edit counts even if the message has not arrived. */
  dedupHours: number;
}

interface TallyParts {
  counted: Pick<CountedVersions, "apply" | "addRest" | "findRest">;
  seen: Pick<SeenTable, "buildEffectMarker">;
  subscriber: string;
  settings: Pick<TallySettings, "split" | "ignoreWords" | "archiveDays">;
  nowMs?: () => number;
}

/** Long enough for contention on popular words to pass. The function's timeout must be longer. */
const BUDGET_MS = 20_000;

class Tally {
  readonly #parts: Required<TallyParts>;

  constructor(parts: TallyParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Counts a message, an edit or a deletion, in whatever order and however often they arrive. Throws `NotDurable` when the time is up. */
  async handle(envelope: Envelope | EventEnvelope): Promise<void> {
    const deadline = new Deadline(BUDGET_MS);
    const { counted, settings } = this.#parts;
    const isEvent = isEventEnvelope(envelope);
    const version = isEvent ? readEventVersion(envelope) : readVersion(envelope);
    const tokens = isEvent ? tokensOfEvent(envelope, settings.ignoreWords) : tokensOf(envelope, settings);
    // A message without tokens may be counted by another door.
    if (version === undefined || (version.order === ORIGINAL && tokens.length === 0)) return;
    const markers = version.order === ORIGINAL ? [this.buildMarker(envelope.id)] : [];
    const { existing, rest } = await counted.apply(version, tokens, markers, deadline);
    await counted.addRest(existing === undefined ? rest : await counted.findRest(version, deadline), deadline);
  }

  /** Earlier releases knew no versions, but marked messages in this way. */
  private buildMarker(messageId: string) {
    const expiresAtSeconds = Math.ceil(this.#parts.nowMs() / 1000) + this.#parts.settings.archiveDays * 86_400;
    return this.#parts.seen.buildEffectMarker(`${messageId}#${this.#parts.subscriber}`, expiresAtSeconds);
  }
}

/** Creates a `Tally` and its client. The effect's name is the subscriber's. */
const createTally = (effect: Effect, settings: TallySettings): Tally => {
  const client = createDynamoDB("background");
  const seen = new SeenTable(client, settings.seenTable);
  const counted = new CountedVersions({ once: new CountOnce(client), seen, effect, ...settings });
  return new Tally({ counted, seen, subscriber: effect.name, settings });
};

export type { TallySettings };
export { createTally, Tally };
