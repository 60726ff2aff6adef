import { styleText } from "node:util";
import type { Occurrence } from "./kernel/occurrences";
import type { Cloud } from "./kernel/service";
import { type FindMap, mapPositions } from "./kernel/source-positions";

/** Which lines of functions are printed. */
const LOG_LEVELS = ["off", "errors", "all"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Errors that the user can act on. They print their message; all others print a stack trace. */
const SENTENCES = ["Error", "RangeError", "NotImitated", "PolicyError", "RunError", "TSError"];

/** How often the line of what is in progress is written again, milliseconds. */
const PROGRESS_MS = 500;

/** Without a terminal, only work that takes longer is mentioned, milliseconds. */
const LONG_MS = 10_000;

/** How often the page's address is printed again at most, milliseconds. */
const REMINDER_MS = 60_000;

/** Deletes the line that the cursor is in. */
const CLEAR_LINE = "\r\x1b[2K";

interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** Where a laptop prints what happens. */
class Terminal {
  /** Whether the last line of the terminal is about work in progress. */
  #isInProgress = false;
  #remindedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly output: Output = process.stdout,
    private readonly errors: Output = process.stderr,
    private readonly nowMs = () => performance.now(),
  ) {}

  print(line = "") {
    this.#write(this.output, `${line}\n`);
  }

  /** Shows what is in progress: in a terminal a line that counts the seconds, elsewhere one line if it takes long. */
  async during<T>(step: string, work: () => Promise<T>): Promise<T> {
    const startedMs = this.nowMs();
    const show = () => this.#showProgress(`${step}, ${Math.round((this.nowMs() - startedMs) / 1000)} s`);
    const timer = this.output.isTTY
      ? setInterval(show, PROGRESS_MS)
      : setTimeout(() => this.print(`${step}, since ${LONG_MS / 1000} s`), LONG_MS);
    if (this.output.isTTY) show();
    try {
      return await work();
    } finally {
      clearInterval(timer);
      this.#write(this.output, "");
    }
  }

  /** Prints the page's address again after an error that stopped nothing, but not each time. */
  remind(pageUrl: string) {
    if (this.nowMs() - this.#remindedMs < REMINDER_MS) return;
    this.#remindedMs = this.nowMs();
    this.print(this.#style("dim", `  see ${pageUrl}`, this.output));
  }

  /** An error of the program, or of the laptop itself. */
  report(error: Error) {
    const text = SENTENCES.includes(error.name) ? error.message : (error.stack ?? String(error));
    this.#write(this.errors, `${this.#style("red", text, this.errors)}\n`);
  }

  /** Prints what functions log, and why they fail, with positions in their sources. Returns a function that ends it. */
  follow(
    { occurrences, directory, place }: Pick<Cloud, "occurrences" | "directory" | "place">,
    level: LogLevel,
    findMap: FindMap,
  ): () => void {
    const map = (text: string) => mapPositions(text, directory, findMap);
    /** Ids of requests whose error the runtime has logged, with its stack. It needs no second line when the invocation ends. */
    const logged = new Set<unknown>();
    const show = (occurrence: Occurrence) => {
      const { kind, detail = {} } = occurrence;
      if (kind === "log" && /\tInvoke Error\s/.test(String(detail["line"]))) logged.add(detail["requestId"]);
      if (kind === "invoked" && logged.delete(detail["requestId"])) return;
      const line = readLine(occurrence);
      if (line !== undefined && isShown(line, level)) this.#writeLine(occurrence.from ?? "", line, map, place.pageUrl);
    };
    // The program may have done something before it was ready.
    for (const occurrence of occurrences.all()) show(occurrence);
    return occurrences.onRecord(show);
  }

  #showProgress(line: string) {
    this.output.write(`${CLEAR_LINE}${this.#style("dim", line, this.output)}\r`);
    this.#isInProgress = true;
  }

  #write(output: Output, text: string) {
    if (this.#isInProgress) this.output.write(CLEAR_LINE);
    this.#isInProgress = false;
    output.write(text);
  }

  #writeLine(from: string, { kind, text, stack }: Line, map: (text: string) => string, pageUrl: string) {
    const output = kind === "error" ? this.errors : this.output;
    const name = this.#style(kind === "error" ? "red" : "cyan", from, output);
    this.#write(output, `  ${name}  ${[text, ...stack].map(map).join("\n    ")}\n`);
    if (stack.length > 0) this.remind(pageUrl);
  }

  #style(style: Parameters<typeof styleText>[0], text: string, { isTTY }: Output): string {
    return isTTY === true && process.env["NO_COLOR"] === undefined ? styleText(style, text) : text;
  }
}

interface Line {
  /** A notice is always shown. */
  kind: "log" | "error" | "notice";
  text: string;
  stack: string[];
}

const isShown = ({ kind }: Line, level: LogLevel): boolean =>
  kind === "notice" || level === "all" || (level === "errors" && kind === "error");

/** A line that a function logged, the failure of an invocation, or the address of a debugger; undefined for other occurrences. */
const readLine = ({ kind, detail = {} }: Occurrence): Line | undefined => {
  if (kind === "debugger") return { kind: "notice", text: `debugger at ${detail["url"]}`, stack: [] };
  if (kind === "invoked" && detail["error"] !== undefined) return { kind: "error", text: String(detail["error"]), stack: [] };
  if (kind !== "log") return undefined;
  const { level, line } = detail as { level: string; line: string };
  // Lambda's text format: time, request id and level come first.
  const [, text = line] = /^\S+\t\S+\t\w+\t(.*)$/s.exec(line.trimEnd()) ?? [];
  // A container's metrics are for CloudWatch. Functions write theirs past the console.
  if (text.startsWith('{"_aws":')) return undefined;
  return { kind: ["ERROR", "FATAL"].includes(level) ? "error" : "log", ...unfold(text) };
};

/** Takes the stack traces out of a line that ends with JSON, and shows them as lines. */
const unfold = (text: string): Pick<Line, "text" | "stack"> => {
  const begin = text.indexOf("{");
  const [first = "", ...rest] = text.split("\n");
  if (begin === -1 || !text.includes('"stack')) return { text: first, stack: rest };
  try {
    const stack: string[] = [];
    const shown = JSON.stringify(JSON.parse(text.slice(begin)), (key, value: unknown) => {
      if (!/^stack(Trace)?$/.test(key)) return value;
      stack.push(...(Array.isArray(value) ? value.map(String) : String(value).split("\n")));
      return undefined;
    });
    return { text: text.slice(0, begin) + shown, stack };
  } catch {
    return { text: first, stack: rest };
  }
};

export type { LogLevel };
export { LOG_LEVELS, Terminal };
