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

// The names are literals, because the minifier changes `new.target.name`.
class BadRequest extends FanoutError {
  override readonly name = "BadRequest";
}

class Unauthorized extends FanoutError {
  override readonly name = "Unauthorized";
}

class TooLarge extends FanoutError {
  override readonly name = "TooLarge";
}

class UnsupportedMediaType extends FanoutError {
  override readonly name = "UnsupportedMediaType";
}

class NotDurable extends FanoutError {
  override readonly name = "NotDurable";
}

class BadEnvelope extends FanoutError {
  override readonly name = "BadEnvelope";
}

class BadPayroll extends FanoutError {
  override readonly name = "BadPayroll";
}

class UploadGone extends FanoutError {
  override readonly name = "UploadGone";
}

class FileRefused extends FanoutError {
  override readonly name = "FileRefused";
}

class FileNotReady extends FanoutError {
  override readonly name = "FileNotReady";
}

class SlackBusy extends FanoutError {
  override readonly name = "SlackBusy";
  /** How long Slack asks to wait. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { retryAfterSeconds, ...details }: ErrorDetails & { retryAfterSeconds?: number } = {}) {
    super(message, details);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

class SlackRefused extends FanoutError {
  override readonly name = "SlackRefused";
}

class Forbidden extends FanoutError {
  override readonly name = "Forbidden";
}

class NotFound extends FanoutError {
  override readonly name = "NotFound";
}

class MethodNotAllowed extends FanoutError {
  override readonly name = "MethodNotAllowed";
  /** The methods that the route has. */
  readonly allowed: readonly string[];

  constructor(message: string, { allowed, ...details }: ErrorDetails & { allowed: readonly string[] }) {
    super(message, details);
    this.allowed = allowed;
  }
}

class Conflict extends FanoutError {
  override readonly name = "Conflict";
}

class KeyReused extends FanoutError {
  override readonly name = "KeyReused";
}

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

class LeaseLost extends FanoutError {
  override readonly name = "LeaseLost";
}

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
