/**
 * The JSON of the laptop's controls (`{page}/control`) and mailbox. The server and the page both compile against these types, so this file
 * imports nothing that needs Node or a browser.
 */
import type { RecordedCall } from "./kernel/calls";
import type { Resource } from "./kernel/inventory";
import type { Occurrence } from "./kernel/occurrences";
import type { Grant, UsageReport } from "./kernel/usage";
import type { Kill, WeatherReport } from "./kernel/weather";

/** The answers of `GET /control/NAME`, by name. */
interface ControlAnswers {
  activity: Activity;
  /** Those in alarm first. */
  alarms: { alarms: AlarmReport[] };
  bucket: BucketContents;
  calls: readonly RecordedCall[];
  clock: ClockReport;
  execution: ExecutionHistory;
  inventory: InventoryReport;
  /** What a function did in each minute of the last hour, also before a restart. */
  "function-metrics": FunctionMetrics;
  /** One of the latest invocations of a function. */
  invocation: InvocationReport;
  /** The latest invocations of a function, newest first. Without a function: those of all functions that run now. */
  invocations: Invocation[];
  items: Items;
  /** Sorted by time. */
  logs: LogLine[];
  machine: { executions: Execution[] };
  "object-details": ObjectReport;
  permissions: UsageReport;
  queue: QueueContents;
  service: ServiceReport;
  timers: { timers: Timer[] };
  traces: Trace;
  weather: WeatherReport;
}

/** The bodies and answers of `POST /control/NAME`, by name. */
interface ControlCommands {
  /** Moves the clock forward, or back to the machine's time, or ends the moves under way. */
  clock: { body: { advanceSeconds: number } | { now: true } | { cancel: true }; answer: ClockReport };
  /** The body names the faults to change; an empty body switches all of them off. */
  weather: { body: Partial<WeatherReport>; answer: WeatherReport };
  redrive: { body: { queue: string }; answer: { count: number } };
  /**
   * Invokes a function with the event of one of its invocations, which may be edited: JSON. Answers with the new invocation's id when it has
   * ended. A value that is still masked is replaced by the original.
   */
  "run-again": { body: { function: string; requestId: string; attempt: number; event: string }; answer: { requestId: string } };
}

/** The server-sent events of `GET /control/stream`, by name. */
interface StreamEvents {
  occurrence: Occurrence;
  calls: CallsEvent;
  /** Sent when a move of the clock begins, at each step, and when it ends. */
  clock: Omit<ClockReport, "nextMs">;
  /** Sent when the weather changes. */
  weather: WeatherReport;
}

/** The AWS calls that functions made since the last event. */
interface CallsEvent {
  count: number;
  /** Number of calls by function. */
  functions: Record<string, number>;
  /** Resources that were called: Pulumi name of the function, type and Pulumi name of the resource. */
  touched: [caller: string, type: string, name: string][];
}

/** The program's resources and stack outputs, without secrets and code. */
interface InventoryReport {
  /** How often something was reloaded since the start. */
  revision: number;
  resources: Resource[];
  outputs: Record<string, unknown>;
}

interface ClockReport {
  nowMs: number;
  /** When the next timer fires; null without timers. */
  nextMs: number | null;
  /** Where the moves under way end; null if there are none. */
  targetMs: number | null;
}

/** What happened at one resource since the start. */
interface Tally {
  /** Of functions. */
  invocations: number;
  errors: number;
  /** Invocations that returned, and reported a failure in their result. */
  reportedFailures: number;
  retries: number;
  /** Of topics, buckets and schedules. */
  delivered: number;
  published: number;
  /** Events that were given up: sent to a dead-letter queue, or lost. */
  deadLetters: number;
  /** Of state machines (executions) and container services (tasks). */
  started: number;
  succeeded: number;
  failed: number;
}

/** The number of messages in a queue. */
interface Depth {
  visible: number;
  inFlight: number;
  delayed: number;
}

/** Deliveries to one receiver. */
interface DeliveryCounts {
  expected: number;
  done: number;
  /** Given up: in a dead-letter queue, or lost. */
  deadLetters: number;
  /** Duplicates, and retries after a successful delivery. */
  repeated: number;
  /** Attempts that failed and were made again. */
  retries: number;
}

interface Activity {
  /** By kind and Pulumi name, "function:webhook", because names are unique within a type only. */
  tallies: Record<string, Tally>;
  /** By Pulumi name. */
  queues: Record<string, Depth>;
  /** State by Pulumi name. */
  alarms: Record<string, string>;
  balance: {
    /** By topic and subscriber: "messages > multiplier". */
    deliveries: Record<string, DeliveryCounts>;
    /** Asynchronous events, by function. */
    events: Record<string, DeliveryCounts>;
  };
}

interface FunctionMetrics {
  /** 60 minutes, in order. */
  minutes: {
    atMs: number;
    invocations: number;
    errors: number;
    /** The duration that 95 % of the invocations do not exceed; null without invocations. */
    p95Ms: number | null;
  }[];
}

interface Invocation {
  requestId: string;
  trace?: string;
  from?: string;
  /** Whether a person ran an earlier invocation again. */
  isRunAgain: boolean;
  type: string;
  attempt: number;
  atMs: number;
  /** Null while it runs. */
  ms: number | null;
  cold: boolean | null;
  error: string | null;
  /** The failure that its result reports although it returned: failed messages of a batch, a status of 500 or more, an error object. */
  reported: string | null;
  /** What Lambda did after a failed attempt at an asynchronous event. */
  followUp: "retried" | "given up" | null;
}

/** The inside of an invocation. Secrets are masked. */
interface InvocationReport {
  /** JSON. The body of an HTTP request is text, also where it came as base64. */
  event: string;
  /** JSON: the result, or the error without its stack. Null while it runs. */
  result: string | null;
  /** The stack of the error, with positions in the sources. */
  stack: string[];
  logs: LogLine[];
}

/** A table's items, those with the largest numbers first. */
interface Items {
  /** Pulumi name. */
  name: string;
  /** The table's name in DynamoDB. */
  table: string;
  keys: string[];
  /** The attribute that sorts the items; null where none is a number. */
  sortedBy: string | null;
  items: Record<string, unknown>[];
  /** Number of items read. */
  count: number;
  /** Whether the table has items that were not read, which may have larger numbers. */
  hasMore: boolean;
}

interface LogLine {
  atMs: number;
  stream: string;
  message: string;
}

/** A queue's messages, oldest first. */
interface QueueContents extends Depth {
  Messages: QueueMessage[];
}

interface QueueMessage {
  MessageId: string;
  Body: string;
  MessageAttributes?: Record<string, { StringValue?: string }>;
  sentMs: number;
  receives: number;
  state: "visible" | "in flight" | "delayed";
  /** When it becomes visible; null if it is. */
  untilMs: number | null;
}

interface AlarmReport {
  /** Pulumi name, or the name in CloudWatch for an alarm that the program does not declare. */
  name: string;
  state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  reason: string;
  changedMs: number;
  /** "Errors > 0, Sum of 60 s". */
  condition: string;
  /** Values of the metric's dimensions: names or ARNs of what it watches. */
  watches: string[];
}

/** A bucket's objects, sorted by key. */
interface BucketContents {
  objects: StoredObject[];
  hasMore: boolean;
}

interface StoredObject {
  key: string;
  sizeBytes: number;
  atMs: number;
}

/** An object without its bytes, which are at `GET /control/object?bucket=NAME&key=KEY`. */
interface ObjectReport extends StoredObject {
  /** The media type that is stored. */
  type: string;
  /** The type that a browser gets: by the end of the key where none was stored. */
  shownAs: string;
  etag: string;
  metadata: Record<string, string>;
}

interface Execution {
  arn: string;
  name: string;
  status: string;
  startMs: number;
  stopMs: number | null;
}

interface ExecutionHistory {
  status: string;
  input: string;
  output: string | null;
  error: string | null;
  cause: string | null;
  events: HistoryEvent[];
}

interface HistoryEvent {
  id: number;
  /** Epoch seconds. */
  timestamp: number;
  type: string;
  [details: string]: unknown;
}

/** A container service. */
interface ServiceReport {
  desiredCount: number;
  /** Running and recently stopped tasks, newest first. */
  tasks: ServiceTask[];
}

interface ServiceTask {
  id: string;
  status: string;
  /** Id of the process on this machine. */
  processId: string | null;
  startedMs: number;
  stoppedMs: number | null;
  reason: string | null;
  exitCode: number | null;
}

interface Timer {
  name: string;
  expression: string;
  target: string;
  input: string | null;
  nextMs: number | null;
}

/** An AWS call as a step of a trace. */
interface CallStep extends RecordedCall {
  kind: "call";
}

interface Trace {
  traces: string[];
  /** Sorted by time. */
  steps: (Occurrence | CallStep)[];
}

/** An e-mail of `GET {page}/mail`. */
interface Mail {
  to: string;
  subject: string;
  body: string;
  links: string[];
}

export type {
  Activity,
  AlarmReport,
  BucketContents,
  CallStep,
  CallsEvent,
  ClockReport,
  ControlAnswers,
  ControlCommands,
  DeliveryCounts,
  Depth,
  Execution,
  ExecutionHistory,
  FunctionMetrics,
  Grant,
  HistoryEvent,
  InventoryReport,
  Invocation,
  InvocationReport,
  Items,
  Kill,
  LogLine,
  Mail,
  ObjectReport,
  Occurrence,
  QueueContents,
  QueueMessage,
  RecordedCall,
  Resource,
  ServiceReport,
  ServiceTask,
  StoredObject,
  StreamEvents,
  Tally,
  Timer,
  Trace,
  UsageReport,
  WeatherReport,
};
