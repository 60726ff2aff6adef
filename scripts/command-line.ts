/** What the command lines of all scripts share: `--help`, `--json`, progress, one-sentence errors, and exit codes. */
import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Own extends Options> = ReturnType<typeof parseArgs<{ options: Own }>>["values"];

interface Script<Own extends Options> {
  /** As in `npm run NAME`. */
  name: string;
  /** The arguments and options of the first line of the help. */
  usage: string;
  /** What the script does, and one line for each of its own options. */
  help: string;
  options: Own;
  /** The most arguments in addition to the options. Default 0. */
  maxArguments?: number;
  /** Throws `UsageError`, or any error with a sentence. */
  run(given: Given<Own>): Promise<Result> | Result;
}

interface Given<Own extends Options> {
  options: Values<Own> & { json?: boolean };
  arguments: string[];
  /** Tells people about progress. Writes nothing if nobody watches. */
  report: (sentence: string) => void;
  progress: Progress;
}

/**
 * Shows a bar on a terminal, which the next call replaces. `done` is the part that is done, 0 to 1; undefined if nobody knows the whole. Writes
 * nothing if nobody watches.
 */
type Progress = (done: number | undefined, sentence: string) => void;

/** What a script has done. */
interface Result {
  /** For people. Empty if they have seen it already. */
  text: string;
  /** For programs, with `--json`. */
  json: object;
  /** What went wrong although there is a result. Makes the exit code 1. */
  problem?: string | undefined;
}

/** A mistake in the command line. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Source: sysexits.h. `slack-fanout dibs run` uses it, too. */
const EX_USAGE = 64;

const SHARED_OPTIONS = { help: { type: "boolean", short: "h" }, json: { type: "boolean" } } satisfies Options;

const buildHelp = ({ name, usage, help }: Pick<Script<Options>, "name" | "usage" | "help">): string => {
  // The shared options stand in the columns of the script's own.
  const { length } = /^ {2}--.*? {2,}/m.exec(help)?.[0] ?? "  --stack STACK  ";
  return [
    `npm run ${[name, ...(usage === "" ? [] : ["--", usage])].join(" ")}`,
    "",
    help,
    `${"  --json".padEnd(length)}prints the result as JSON`,
    `${"  --help".padEnd(length)}shows this text, and does nothing else`,
    "",
    `The exit code is 0 on success, 1 if something failed, ${EX_USAGE} if the command line is wrong.`,
  ].join("\n");
};

const asksForHelp = (args: string[]): boolean => {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).some(argument => argument === "--help" || argument === "-h");
};

/** Throws `UsageError`. */
const parse = <Own extends Options>({ name, options, maxArguments = 0 }: Script<Own>, args: string[]) => {
  try {
    const { values, positionals } = parseArgs({ args, options: { ...SHARED_OPTIONS, ...options }, allowPositionals: true });
    const extra = positionals[maxArguments];
    if (extra !== undefined) throw new Error(`Unexpected argument ${JSON.stringify(extra)}`);
    return { values: values as Values<Own> & { json?: boolean }, positionals };
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(`${sentence}; \`npm run ${name} -- --help\` shows what you can write.`, { cause: error });
  }
};

const report = (sentence: string): void => {
  if (process.stderr.isTTY) console.error(sentence);
};

const BAR_WIDTH = 30;

/** Clears the rest of the line. Source: ECMA-48, EL. */
const CLEAR = "\u001b[K";

const formatProgress = (done: number | undefined, sentence: string): string => {
  if (done === undefined) return sentence;
  const full = Math.round(Math.min(1, Math.max(0, done)) * BAR_WIDTH);
  return `[${"#".repeat(full)}${" ".repeat(BAR_WIDTH - full)}] ${Math.round(done * 100)}% ${sentence}`;
};

const progress: Progress = (done, sentence) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${formatProgress(done, sentence)}${CLEAR}`);
};

const endProgress = () => {
  if (process.stderr.isTTY) process.stderr.write(`\r${CLEAR}`);
};

/** Types the options that `run` gets. */
const defineScript = <const Own extends Options>(script: Script<Own>): Script<Own> => script;

/** Runs a script. Prints its result on the standard output; prints mistakes and progress on the standard error. */
const runScript = async <Own extends Options>(script: Script<Own>, args = process.argv.slice(2)): Promise<void> => {
  try {
    if (asksForHelp(args)) return console.log(buildHelp(script));
    const { values, positionals } = parse(script, args);
    const given = { options: values, arguments: positionals, report, progress };
    const { text, json, problem } = await Promise.resolve(script.run(given)).finally(endProgress);
    if (values.json) console.log(JSON.stringify(json));
    else if (text !== "") console.log(text);
    if (problem !== undefined) throw new Error(problem);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = error instanceof UsageError ? EX_USAGE : 1;
  }
};

export type { Progress, Result, Script };
export { defineScript, EX_USAGE, formatProgress, runScript, UsageError };
