import { AwsError } from "../../kernel/aws-error";

interface Prefixes {
  prefix: string;
  errorOutputPrefix?: string | undefined;
}

/** An expression such as `!{timestamp:yyyy/MM/dd}`. */
const EXPRESSION = /!\{([^:}]*):?([^}]*)\}/g;

/** What Firehose appends to a prefix without a time. */
const DEFAULT_TIME = "!{timestamp:yyyy/MM/dd/HH/}";

/** A quoted text, a run of one letter, or anything else in a pattern of Java's DateTimeFormatter. */
const PATTERN_PART = /'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+/g;

/** The patterns that are imitated, with where they stand in an ISO time. */
const TIME_PARTS: Record<string, [from: number, to: number]> = {
  yyyy: [0, 4],
  uuuu: [0, 4],
  MM: [5, 7],
  dd: [8, 10],
  HH: [11, 13],
  mm: [14, 16],
  ss: [17, 19],
};

/**
 * Checks both prefixes. Behaves as "Understand custom prefixes for Amazon S3 objects"; differs: partition keys are refused, and of a
 * timestamp's patterns only the common ones are known. Throws `AwsError` InvalidArgumentException.
 */
const checkPrefixes = ({ prefix, errorOutputPrefix }: Prefixes) => {
  const expressions = expressionsOf(prefix);
  checkExpressions(prefix, "prefix", ["random-string"]);
  if (expressions.length > 0 && errorOutputPrefix === undefined)
    throw invalid(`errorOutputPrefix is not set, but must be where prefix has expressions, as ${JSON.stringify(prefix)} has.`);
  if (errorOutputPrefix === undefined) return;
  checkExpressions(errorOutputPrefix, "errorOutputPrefix", ["random-string", "error-output-type"]);
  const errorExpressions = expressionsOf(errorOutputPrefix);
  if (errorExpressions.length > 0 && !errorExpressions.some(({ value }) => value === "error-output-type"))
    throw invalid(`errorOutputPrefix is ${JSON.stringify(errorOutputPrefix)}, but must contain !{firehose:error-output-type}.`);
};

const checkExpressions = (text: string, key: string, firehose: string[]) => {
  for (const { namespace, value } of expressionsOf(text)) {
    if (namespace === "timestamp") formatTime(value, 0);
    else if (namespace !== "firehose" || !firehose.includes(value))
      throw invalid(
        `${key} is ${JSON.stringify(text)}, but !{${namespace}:${value}} is not imitated there. The laptop cloud knows !{timestamp:...} and ${firehose
          .map(each => `!{firehose:${each}}`)
          .join(", ")}.`,
      );
  }
};

/** What `!{firehose:error-output-type}` says of records that were not transformed. Nothing else fails here. */
const ERROR_OUTPUT_TYPE = "processing-failed";

/** Evaluates a prefix for an object whose oldest record arrived at `atMs`. `random` stands for `!{firehose:random-string}`. */
const evaluatePrefix = (prefix: string, atMs: number, random: string): string => {
  const hasTime = expressionsOf(prefix).some(({ namespace }) => namespace === "timestamp");
  return (hasTime ? prefix : prefix + DEFAULT_TIME).replace(EXPRESSION, (_, namespace: string, value: string) =>
    namespace === "timestamp" ? formatTime(value, atMs) : value === "error-output-type" ? ERROR_OUTPUT_TYPE : random,
  );
};

const expressionsOf = (text: string) => [...text.matchAll(EXPRESSION)].map(([, namespace = "", value = ""]) => ({ namespace, value }));

/** Throws `AwsError` InvalidArgumentException. */
const formatTime = (pattern: string, atMs: number): string => {
  const time = new Date(atMs).toISOString();
  return pattern.replace(PATTERN_PART, (part, quoted: string | undefined, letter: string | undefined) => {
    if (quoted !== undefined) return quoted;
    if (letter === undefined) return part;
    const position = TIME_PARTS[part];
    if (position === undefined)
      throw invalid(
        `The pattern ${JSON.stringify(part)} in !{timestamp:${pattern}} is not imitated. Choose from ${Object.keys(TIME_PARTS).join(", ")}.`,
      );
    return time.slice(...position);
  });
};

const invalid = (message: string) => new AwsError("InvalidArgumentException", message);

export type { Prefixes };
export { checkPrefixes, evaluatePrefix, formatTime };
