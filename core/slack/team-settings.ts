/** What the admins of one workspace choose for it, where the stack serves many. Without a choice, the stack's settings apply. */
import { parseTurnLength } from "#core/dibs/duration";
import type { Split } from "#core/message/tokens";
import { isProblem } from "#core/problem";
import { buildQuote } from "#core/quote";

interface TeamSettings {
  /** Messages that begin with one of these words are counted and answered. */
  triggerWords: string[];
  /** What counts in those messages. */
  split: Split;
  ignoreWords: string[];
  /** The channel for notices that name no place of their own; empty if there is none. */
  notifyChannel: string;
  /** How long a turn lasts that is claimed without a time, seconds; null for an open turn. */
  dibsDefault: number | null;
  /** Whether mentions and `/ask` give agents tasks. */
  agents: boolean;
}

type TeamSettingsKey = keyof TeamSettings;

/** The settings as people write them; a list has spaces or commas between its words. */
type TeamSettingsTexts = Record<TeamSettingsKey, string>;

/** A sentence for each setting that is wrong. */
type TeamSettingsProblems = Partial<Record<TeamSettingsKey, string>>;

/** The settings of a workspace and their version; the version is absent as long as the stack's settings apply. */
interface VersionedSettings {
  settings: TeamSettings;
  version?: string | undefined;
}

/** The settings are read with each message, and a row of DynamoDB holds 400 KB. */
const MAX_WORDS = 200;
const MAX_WORD_CHARACTERS = 50;

const CHANNEL = /^[CDG][A-Z0-9]{1,63}$/;

/** Returned by the parser of a setting whose text is wrong. */
const WRONG = Symbol("wrong");

interface Kind<T> {
  parse(text: string): T | typeof WRONG;
  show(value: T): string;
  /** Ends the sentence that refuses a text: "KEY is TEXT, but must be ...". */
  mustBe: string;
}

const words: Kind<string[]> = {
  parse(text) {
    const found = [...new Set(text.split(/[\s,]+/).filter(word => word !== ""))];
    return found.length <= MAX_WORDS && found.every(word => word.length <= MAX_WORD_CHARACTERS) ? found : WRONG;
  },
  show: list => list.join(" "),
  mustBe: `at most ${MAX_WORDS} words of at most ${MAX_WORD_CHARACTERS} characters, with spaces between them`,
};

const KINDS: { [Name in TeamSettingsKey]: Kind<TeamSettings[Name]> } = {
  triggerWords: words,
  split: {
    parse: text => (text === "words" || text === "annotations" ? text : WRONG),
    show: split => split,
    mustBe: "words or annotations",
  },
  ignoreWords: words,
  notifyChannel: {
    parse: text => (text === "" || CHANNEL.test(text) ? text : WRONG),
    show: channel => channel,
    mustBe: "a channel's id such as C0001, or empty",
  },
  dibsDefault: {
    parse(text) {
      const length = parseTurnLength(text);
      return isProblem(length) ? WRONG : length;
    },
    show: seconds => (seconds === null ? "open" : `${seconds} seconds`),
    mustBe: 'open, or how long a turn lasts, such as "45 minutes" or "2h" (1 second to 30 days)',
  },
  agents: {
    parse: text => (text === "on" || text === "off" ? text === "on" : WRONG),
    show: isOn => (isOn ? "on" : "off"),
    mustBe: "on or off",
  },
};

const KEYS = Object.keys(KINDS) as TeamSettingsKey[];

/** Parses what an admin wrote. Returns a sentence for each setting that is wrong or missing. */
const parseTeamSettings = (texts: Partial<TeamSettingsTexts>): { settings: TeamSettings } | { problems: TeamSettingsProblems } => {
  const parsed = KEYS.map(key => [key, KINDS[key].parse((texts[key] ?? "").trim())] as const);
  const wrong = parsed.filter(([, value]) => value === WRONG);
  if (wrong.length === 0) return { settings: Object.fromEntries(parsed) as unknown as TeamSettings };
  return { problems: Object.fromEntries(wrong.map(([key]) => [key, explain(key, texts[key] ?? "")])) };
};

const explain = (key: TeamSettingsKey, text: string): string => `${key} is ${buildQuote(text)}, but must be ${KINDS[key].mustBe}.`;

/** Writes settings as `parseTeamSettings` reads them. */
const writeTeamSettings = (settings: TeamSettings): TeamSettingsTexts =>
  Object.fromEntries(KEYS.map(key => [key, (KINDS[key] as Kind<unknown>).show(settings[key])])) as TeamSettingsTexts;

export type { TeamSettings, TeamSettingsKey, TeamSettingsTexts, VersionedSettings };
export { parseTeamSettings, writeTeamSettings };
