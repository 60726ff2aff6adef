/** Logs one JSON object per line, which CloudWatch Logs Insights reads without a parser. */
import { FanoutError } from "#core/errors";
import { metrics } from "#core/metrics";

type Fields = Record<string, unknown>;

/** Environment variables: `DEBUG` adds a line per step, `ERROR` adds stack, cause and context to errors. */
type Switches = Record<string, string | undefined>;

interface Log {
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  error(message: string, error: unknown, fields?: Fields): void;
}

const isOn = (value: string | undefined): boolean => value === "1" || value?.toLowerCase() === "true";

/** A longer chain of causes is a loop, or useless. */
const MAX_CAUSES = 5;

/** Describes an error: name and message, and with details also stack, context and causes. */
const describeError = (error: unknown, detailed: boolean, causes = MAX_CAUSES): Fields => {
  if (!(error instanceof Error)) return { message: String(error) };
  const brief: Fields = { name: error.name, message: error.message };
  if (error instanceof AggregateError) brief["errors"] = error.errors.map(each => describeError(each, detailed, 0));
  if (!detailed) return brief;
  return {
    ...brief,
    stack: error.stack,
    ...(error instanceof FanoutError ? { context: error.context } : {}),
    ...(error.cause === undefined || causes === 0 ? {} : { cause: describeError(error.cause, detailed, causes - 1) }),
  };
};

/** Creates the log of one function. Callers pass ids and numbers, never secrets, signatures or text. Each line names the message in progress. */
const createLog = (source: string, switches: Switches = process.env): Log => {
  // Read once: each look at the environment is a call out of JavaScript.
  const [hasSteps, hasDetails] = [isOn(switches["DEBUG"]), isOn(switches["ERROR"])];
  const write = (level: string, message: string, fields: Fields) =>
    console[level === "error" ? "error" : "log"](JSON.stringify({ level, source, message, messageId: metrics.messageId, ...fields }));
  return {
    info: (message, fields = {}) => write("info", message, fields),
    debug: (message, fields = {}) => {
      if (hasSteps) write("debug", message, fields);
    },
    error: (message, error, fields = {}) => write("error", message, { ...fields, error: describeError(error, hasDetails) }),
  };
};

export type { Log };
export { createLog };
