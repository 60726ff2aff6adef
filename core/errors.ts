/** Errors: one small class per code, and a sentence that explains each code to people. */

const SENTENCES = {
  BadRequest: "The request can't be understood.",
  Unauthorized: "The request does not prove that it comes from Slack.",
  TooLarge: "The request is too large.",
  UnsupportedMediaType: "The request has a content type or encoding that this door does not accept.",
  NotDurable: "The message could not be stored in time; send it again.",
  BadEnvelope: "The notification does not contain a message envelope.",
  BadPayroll: "The payroll file has a mistake.",
  UploadGone: "The upload was deleted or replaced by a newer one.",
  FileRefused: "The file can't be archived.",
  FileNotReady: "Slack can't deliver the file yet.",
  SlackBusy: "Slack accepts no more calls at the moment, or does not answer.",
  SlackRefused: "Slack refused the call and would refuse it again.",
  Forbidden: "The caller may not do this.",
  NotFound: "This does not exist.",
  MethodNotAllowed: "This resource does not support this method.",
  Conflict: "The resource has changed since you read it.",
  KeyReused: "The idempotency key was used for another request.",
  LeaseLost: "Another worker holds the thread's lease now.",
  ToolRefused: "A rule of the agents' gateway forbids the call.",
  ToolBusy: "The call is not finished yet; repeat it.",
} as const;

/** The stable name of an error; Step Functions and alarms match on it. */
type ErrorCode = keyof typeof SENTENCES;

interface ErrorDetails {
  cause?: unknown;
  /** Details for operators. Never a secret or a message's text. */
  context?: Record<string, unknown>;
}

/** Base class of every error that this program throws on purpose. */
abstract class FanoutError extends Error {
  abstract override readonly name: ErrorCode;
  readonly context: Record<string, unknown>;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.context = details.context ?? {};
  }
}

/** The class of one code. The name is a literal, because the minifier changes `new.target.name`. */
const named = <Code extends ErrorCode>(code: Code) =>
  class extends FanoutError {
    override readonly name = code;
  };

class BadRequest extends named("BadRequest") {}
class Unauthorized extends named("Unauthorized") {}
class TooLarge extends named("TooLarge") {}
class UnsupportedMediaType extends named("UnsupportedMediaType") {}
class NotDurable extends named("NotDurable") {}
class BadEnvelope extends named("BadEnvelope") {}
class BadPayroll extends named("BadPayroll") {}
class UploadGone extends named("UploadGone") {}
class FileRefused extends named("FileRefused") {}
class FileNotReady extends named("FileNotReady") {}

class SlackBusy extends FanoutError {
  override readonly name = "SlackBusy";
  /** How long Slack asks to wait. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { retryAfterSeconds, ...details }: ErrorDetails & { retryAfterSeconds?: number } = {}) {
    super(message, details);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

class SlackRefused extends named("SlackRefused") {}
class Forbidden extends named("Forbidden") {}
class NotFound extends named("NotFound") {}

class MethodNotAllowed extends FanoutError {
  override readonly name = "MethodNotAllowed";
  /** The methods that the route has. */
  readonly allowed: readonly string[];

  constructor(message: string, { allowed, ...details }: ErrorDetails & { allowed: readonly string[] }) {
    super(message, details);
    this.allowed = allowed;
  }
}

class Conflict extends named("Conflict") {}
class KeyReused extends named("KeyReused") {}

class ToolBusy extends FanoutError {
  override readonly name = "ToolBusy";

  /** `status` names what the call waits for. */
  constructor(
    readonly status: string,
    readonly retryAfterMs: number,
    details: ErrorDetails = {},
  ) {
    super(`It is ${status}.`, details);
  }
}

class ToolRefused extends FanoutError {
  override readonly name = "ToolRefused";

  /** `rule` is the first word of the answer to the agent. */
  constructor(
    readonly rule: string,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details);
  }
}

class LeaseLost extends named("LeaseLost") {}

export type { ErrorCode };
export {
  BadEnvelope,
  BadPayroll,
  BadRequest,
  Conflict,
  FanoutError,
  FileNotReady,
  FileRefused,
  Forbidden,
  KeyReused,
  LeaseLost,
  MethodNotAllowed,
  NotDurable,
  NotFound,
  SENTENCES,
  SlackBusy,
  SlackRefused,
  TooLarge,
  ToolBusy,
  ToolRefused,
  Unauthorized,
  UnsupportedMediaType,
  UploadGone,
};
