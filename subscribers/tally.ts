/** Counts each message once for one subscriber, and keeps the count up to the message's edits and deletion. */
import { Deadline } from "#core/deadline";
import { type EventEnvelope, isEventEnvelope, readEventVersion, readTeam, tokensOfEvent } from "#core/message/event";
import { type Envelope, readVersion, tokensIn, tokensOf } from "#core/message/message";
import type { Split, TokenCount, TokenRules } from "#core/message/tokens";
import { ORIGINAL } from "#core/message/version";
import { createDynamoDB } from "#stores/aws-clients";
import { CountOnce } from "#stores/count-once";
import { CountedVersions, type Effect } from "#stores/message/counted-versions";
import { Levels } from "#stores/message/levels";
import { SeenTable } from "#stores/message/seen-table";
import { createTeamSettings, type TeamSettingsNames, type TeamSettingsTable } from "#stores/slack/team-settings";

interface TallySettings {
  seenTable: string;
  split: Split;
  ignoreWords: string[];
  /** How long a message can be replayed or edited, in days. */
  archiveDays: number;
  /** How long after a message an edit counts even if the message has not arrived. */
  dedupHours: number;
  /** What workspaces have chosen. Undefined where the stack serves one workspace. */
  chosen?: TeamSettingsNames | undefined;
}

interface TallyParts {
  counted: Pick<CountedVersions, "apply" | "addRest" | "findRest">;
  seen: Pick<SeenTable, "buildEffectMarker">;
  levels: Pick<Levels, "raise">;
  effect: Effect;
  /** Undefined where the stack serves one workspace. */
  chosen?: Pick<TeamSettingsTable, "readVersion"> | undefined;
  settings: Pick<TallySettings, "split" | "ignoreWords" | "archiveDays">;
  nowMs?: () => number;
}

/** Long enough for contention on popular words to pass. The function's timeout must be longer. */
const BUDGET_MS = 20_000;

class Tally {
  readonly #parts: TallyParts & Required<Pick<TallyParts, "nowMs">>;

  constructor(parts: TallyParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Counts a message, an edit or a deletion, in whatever order and however often they arrive. Throws `NotDurable` when the time is up. */
  async handle(envelope: Envelope | EventEnvelope): Promise<void> {
    const deadline = new Deadline(BUDGET_MS);
    const { counted, levels, effect } = this.#parts;
    const isEvent = isEventEnvelope(envelope);
    const version = isEvent ? readEventVersion(envelope) : readVersion(envelope);
    const tokens = isEvent ? await this.splitEvent(envelope, deadline) : await this.splitMessage(envelope, deadline);
    // A message without tokens may be counted by another door.
    if (version === undefined || (version.order === ORIGINAL && tokens.length === 0)) return;
    const markers = version.order === ORIGINAL ? [this.buildMarker(envelope.id)] : [];
    const { existing, rest, message } = await counted.apply(version, tokens, markers, deadline);
    await counted.addRest(existing === undefined ? rest : await counted.findRest(version, deadline), deadline);
    // Also if the counts are not new: an earlier attempt may have died before this.
    if (message === undefined) return;
    await levels.raise([...effect.build(message, tokens), ...(effect.buildOthers?.(message, tokens) ?? [])], deadline);
  }

  /** Most messages carry their tokens. */
  private async splitMessage(envelope: Envelope, deadline: Deadline): Promise<TokenCount[]> {
    const { team, settingsVersion } = envelope.data;
    return tokensIn(envelope) ?? tokensOf(envelope, await this.readRules(team, settingsVersion, deadline));
  }

  private async splitEvent(envelope: EventEnvelope, deadline: Deadline): Promise<TokenCount[]> {
    if (envelope.split === undefined) return [];
    const { ignoreWords } = await this.readRules(readTeam(envelope.source), envelope.settingsversion, deadline);
    return tokensOfEvent(envelope, ignoreWords);
  }

  /** Reads the rules under which the door split a text. */
  private async readRules(team: string, version: string | undefined, deadline: Deadline): Promise<TokenRules> {
    const { chosen, settings } = this.#parts;
    return chosen === undefined || version === undefined ? settings : chosen.readVersion(team, version, deadline);
  }

  /** Earlier releases knew no versions, but marked messages in this way. */
  private buildMarker(messageId: string) {
    const expiresAtSeconds = Math.ceil(this.#parts.nowMs() / 1000) + this.#parts.settings.archiveDays * 86_400;
    return this.#parts.seen.buildEffectMarker(`${messageId}#${this.#parts.effect.name}`, expiresAtSeconds);
  }
}

/** Creates a `Tally` and its client. The effect's name is the subscriber's. */
const createTally = (effect: Effect, settings: TallySettings): Tally => {
  const client = createDynamoDB("background");
  const seen = new SeenTable(client, settings.seenTable);
  const counted = new CountedVersions({ once: new CountOnce(client), seen, effect, ...settings });
  return new Tally({ counted, seen, levels: new Levels(client), effect, chosen: createTeamSettings(settings.chosen), settings });
};

export type { TallySettings };
export { createTally, Tally };
