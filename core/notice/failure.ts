/** Describes a failure of a pipeline in a sentence. */
import { isJsonObject } from "#core/json";
import { buildNotification, FAILED, type Notice, type Notification } from "#core/notice/notice";
import { buildShownName } from "#core/shown-name";

/** The error output of Step Functions for a caught failure. */
interface CaughtError {
  Error?: string;
  /** JSON with `errorMessage` and `errorType` for a Lambda function, plain text for other services. */
  Cause?: string;
}

/** Where in Slack an execution is reported. */
type Place = Pick<Notice, "team" | "channel" | "private" | "threadTs" | "messageId">;

interface AboutFile extends Place {
  file: string;
}

interface AboutPerson extends Place {
  person: string;
}

/** The subject of an execution, by name, for notices. */
type About = AboutFile | AboutPerson;

interface FailedTask {
  /** The name of the execution. */
  execution: string;
  task: string;
  about: About;
  caught: CaughtError;
}

/** Enough for all our own sentences; the message of an unexpected error may be longer. */
const MAX_CAUSE_CHARACTERS = 1500;
/** Slack tokens, in case an unexpected error quotes one. */
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
    // Other services than Lambda use plain text.
    return cause;
  }
};

/** Builds the cause as a sentence. */
const buildCause = ({ Error: code = "unknown", Cause: cause = "" }: CaughtError): string => {
  // The message may quote untrusted names.
  const said = buildShownName((SENTENCES[code] ?? parseMessage(cause) ?? "").replace(/\s+/g, " "));
  const shown = said === "" ? "The cause is unknown." : said;
  const sentence = shown.replace(SLACK_TOKEN, "(a token)").slice(0, MAX_CAUSE_CHARACTERS).toWellFormed();
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
};

const readAbout = (about: About) => {
  if ("file" in about) {
    const { file: subject, ...place } = about;
    return { kind: "file", subject, place };
  }
  const { person: subject, ...place } = about;
  return { kind: "person", subject, place };
};

/** Builds the notice of a failed task: its name, the file or person, and the cause. */
const buildFailure = ({ execution, task, about, caught }: FailedTask): Notification => {
  const { kind, subject, place } = readAbout(about);
  return buildNotification({
    id: `${execution}#error`,
    outcome: "error",
    title: FAILED,
    text: `The task ${task} failed for the ${kind} ${subject}. ${buildCause(caught)} (${caught.Error ?? "unknown"})`,
    fields: { task, [kind]: subject },
    ...place,
  });
};

export type { About, AboutFile, AboutPerson, CaughtError };
export { buildCause, buildFailure };
