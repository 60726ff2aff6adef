/** A range of time on the command line. */
import { UsageError } from "../command-line";

/** From `fromMs` to before `untilMs`, epoch milliseconds. */
interface Range {
  fromMs: number;
  untilMs: number;
}

/** Parses the times of two options; without the second one, the range ends now. Throws `UsageError`. */
const parseRange = (from: string | undefined, [untilName, until]: [name: string, value: string | undefined], nowMs: number): Range => {
  const fromMs = parseTime("--from", from);
  const untilMs = until === undefined ? nowMs : parseTime(untilName, until);
  if (untilMs <= fromMs) throw new UsageError(`${untilName} ${JSON.stringify(until)} is not after --from ${JSON.stringify(from)}.`);
  return { fromMs, untilMs };
};

/** Parses the time of an option, to epoch milliseconds. Throws `UsageError`. */
const parseTime = (option: string, text: string | undefined) => {
  const ms = Date.parse(text ?? "");
  if (Number.isNaN(ms))
    throw new UsageError(`${option} is ${JSON.stringify(text ?? "")}, but must be a time such as 2026-11-22T09:30:00Z.`);
  return ms;
};

export type { Range };
export { parseRange, parseTime };
