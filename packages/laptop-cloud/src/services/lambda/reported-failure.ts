/** How a result is read. */
interface ResultReading {
  /** The event, JSON. */
  payload: string;
  /** The result, JSON. */
  result: string;
  /** Whether the event source mapping reads `batchItemFailures`. */
  reportsFailures: boolean;
  /** How many messages the function has postponed: reporting them is the only way to keep them in the queue. */
  countPostponed(): number;
}

/**
 * The failure that a function reports in its result although it returned, as a sentence; undefined if it reports none.
 *
 * It reports failed messages of a batch ("Reporting batch item failures"), an HTTP status of 500 or more, or an error object.
 */
const readReportedFailure = ({ payload, result, reportsFailures, countPostponed }: ResultReading): string | undefined => {
  const answer = JSON.parse(result) as Record<string, unknown> | null;
  if (typeof answer !== "object" || answer === null) return undefined;
  const { batchItemFailures: failures, statusCode } = answer;
  if (Array.isArray(failures) && failures.length > 0) {
    if (reportsFailures && failures.length <= countPostponed()) return undefined;
    const { Records = [] } = JSON.parse(payload) as { Records?: unknown[] };
    return `${failures.length} of ${Records.length} messages failed${reportsFailures ? "" : ", but its event source does not read batchItemFailures"}`;
  }
  if (Number(statusCode) >= 500) return `returned status ${statusCode}`;
  const message = messageOf(answer);
  return message === undefined ? undefined : `returned an error: ${message}`;
};

/**
 * The message of `{errorType, errorMessage}`, or of an object that has nothing but an `error`: a function that describes another one's error has
 * more to say.
 */
const messageOf = (answer: Record<string, unknown>): string | undefined => {
  if (typeof answer["errorType"] === "string" && typeof answer["errorMessage"] === "string") return answer["errorMessage"];
  if (Object.keys(answer).some(key => key !== "error")) return undefined;
  const { error } = answer;
  return [error, (error as { message?: unknown } | null | undefined)?.message].find(
    (text): text is string => typeof text === "string" && text !== "",
  );
};

export { readReportedFailure };
