/** The language of the scripted brain: a sequence of a few commands. */
import { parseDuration } from "#core/dibs/duration";

type ScriptCommand =
  | { verb: "sleep"; seconds: number }
  | { verb: "say"; text: string }
  | { verb: "recall" }
  | { verb: "files" }
  | { verb: "post"; text: string }
  | { verb: "fail"; reason: string }
  | { verb: "report"; limit: number }
  | { verb: "card"; name: string }
  | { verb: "canvas"; title: string; text: string }
  | { verb: "claim"; resource: string; span?: string }
  | { verb: "release"; resource: string }
  /** An invalid command; `problem` says why. */
  | { verb: "unknown"; problem: string };

/** White space, and `then` as a word of its own. No part of the pattern matches in two ways, so it takes linear time. */
const SPACE_AND_THEN = /(\s+)(then(?=\s))?/gi;
const DEFAULT_WORDS = 10;
/** The gateway reads at most this many words. */
const MAX_WORDS = 50;

const SCRIPT_HELP =
  "I know: `say TEXT`, `recall`, `files`, `sleep 2h`, `post TEXT`, `report words [N]`, `card NAME`, `canvas TITLE: TEXT`, `claim NAME [for 2h]`, `release NAME` and `fail [REASON]`. Write one command per line, or join commands with `then`.";

const buildUnknown = (problem: string): ScriptCommand => ({ verb: "unknown", problem });

const parseSleep = (span: string): ScriptCommand => {
  const seconds = parseDuration(span);
  return typeof seconds === "number" ? { verb: "sleep", seconds } : buildUnknown(seconds.problem);
};

const parseReport = (rest: string): ScriptCommand => {
  const [, digits] = /^words(?:\s+([0-9]{1,3}))?$/i.exec(rest) ?? [];
  if (!/^words\b/i.test(rest)) return buildUnknown("I can report words: `report words 10`.");
  const limit = digits === undefined ? DEFAULT_WORDS : Number(digits);
  if (limit < 1 || limit > MAX_WORDS) return buildUnknown(`I can report 1 to ${MAX_WORDS} words.`);
  return { verb: "report", limit };
};

const parseCanvas = (rest: string): ScriptCommand => {
  const colon = rest.indexOf(":");
  const [title, text] = colon === -1 ? ["", ""] : [rest.slice(0, colon).trim(), rest.slice(colon + 1).trim()];
  return title === "" || text === ""
    ? buildUnknown("A canvas needs a title and a text: `canvas TITLE: TEXT`.")
    : { verb: "canvas", title, text };
};

const parseClaim = (rest: string): ScriptCommand => {
  const [, resource, span] = /^(\S+)(?:\s+for\s+(\S.*))?$/i.exec(rest) ?? [];
  if (resource === undefined) return buildUnknown("A claim needs a name: `claim NAME for 2h`.");
  return { verb: "claim", resource, ...(span === undefined ? {} : { span }) };
};

/** Parsers of the rest of a command, by verb. */
const PARSERS: Record<string, (rest: string) => ScriptCommand> = {
  sleep: parseSleep,
  say: text => (text === "" ? buildUnknown("Say what? `say TEXT`.") : { verb: "say", text }),
  recall: () => ({ verb: "recall" }),
  files: () => ({ verb: "files" }),
  post: text => (text === "" ? buildUnknown("A post needs a text: `post TEXT`.") : { verb: "post", text }),
  fail: reason => ({ verb: "fail", reason: reason === "" ? "The task asked for a failure." : reason }),
  report: parseReport,
  card: name => (name === "" ? buildUnknown("A card needs a name: `card NAME`.") : { verb: "card", name }),
  canvas: parseCanvas,
  claim: parseClaim,
  release: resource => (resource === "" ? buildUnknown("A release needs a name: `release NAME`.") : { verb: "release", resource }),
};

const parseCommand = (line: string): ScriptCommand => {
  const [, verb = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  const name = verb.toLowerCase();
  const parse = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
  return parse === undefined ? buildUnknown(SCRIPT_HELP) : parse(rest.trim());
};

/** Parses a text into commands, in order. An invalid command becomes `unknown`. An empty text has no commands. */
const parseScript = (text: string): ScriptCommand[] =>
  text
    .replace(SPACE_AND_THEN, (whole, space: string, then?: string) => (then !== undefined || space.includes("\n") ? "\n" : whole))
    .split(/[\n;]/)
    .map(line => line.trim())
    .filter(line => line !== "")
    .map(parseCommand);

export type { ScriptCommand };
export { parseScript, SCRIPT_HELP };
