/** Says in a sentence what went wrong in a pipeline. */
import { isJsonObject } from "#core/json";
import { buildNotification, FAILED, type Notice, type Notification } from "#core/notice/notice";
import { buildShownName } from "#core/shown-name";

/** What Step Functions puts where a failure was caught. */
interface Caught {
  Error?: string;
  /** For a Lambda function JSON with `errorMessage` and `errorType`. */
  Cause?: string;
}

/** What an execution works on, for the notices about it. */
interface About extends Pick<Notice, "channel" | "private" | "threadTs" | "messageId"> {
  file: string;
}

interface FailedTask {
  /** The execution's name. */
  execution: string;
  task: string;
  about: About;
  caught: Caught;
}

/** Long enough for every sentence of ours; an unexpected error may say more than anybody reads. */
const MAX_CAUSE_CHARACTERS = 1500;
/** Tokens of Slack's, should an unexpected error quote one. */
const SLACK_TOKEN = /\bxox[a-z]-[A-Za-z0-9-]+/g;

const SENTENCES: Record<string, string> = {
  "States.Timeout": "It timed out.",
  "Sandbox.Timedout": "It timed out.",
  "Runtime.ExitError": "Its process ended unexpectedly, perhaps because it ran out of memory.",
  "Lambda.TooManyRequestsException": "Too many functions were running at once.",
};

const parseMessage = (cause: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(cause);
    return isJsonObject(value) && typeof value["errorMessage"] === "string" ? value["errorMessage"] : undefined;
  } catch {
    // Services other than Lambda say it in plain text.
    return cause;
  }
};

/** Builds the cause as a sentence. */
const buildCause = ({ Error: code = "unknown", Cause: cause = "" }: Caught): string => {
  // It may quote names that other people chose.
  const said = buildShownName((SENTENCES[code] ?? parseMessage(cause) ?? "").replace(/\s+/g, " "));
  const shown = said === "" ? "The cause is unknown." : said;
  const sentence = shown.replace(SLACK_TOKEN, "(a token)").slice(0, MAX_CAUSE_CHARACTERS).toWellFormed();
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
};

/** Builds the notice of a failed task: which one, on which file, and the cause. */
const buildFailure = ({ execution, task, about, caught }: FailedTask): Notification => {
  const { file, ...place } = about;
  return buildNotification({
    id: `${execution}#error`,
    outcome: "error",
    title: FAILED,
    text: `The task ${task} failed for the file ${file}. ${buildCause(caught)} (${caught.Error ?? "unknown"})`,
    fields: { task, file },
    ...place,
  });
};

export type { About, Caught, FailedTask };
export { buildCause, buildFailure };
