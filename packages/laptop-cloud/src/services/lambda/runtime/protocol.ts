/** The protocol between the cloud and a function's process: messages down the fork's channel, lines of JSON up through a pipe. */
type ToRuntime = Initialise | Invoke | MoveClock;

/** Once per process: become this function. */
interface Initialise {
  kind: "initialise";
  /** The complete environment: the process inherits no variables of the machine. */
  variables: Record<string, string>;
  /** Folder of the unpacked artefact. */
  taskRoot: string;
  /** Folders that the runtime's AWS SDK is resolved from, in this order. */
  sdkFolders: string[];
  /** Folder for V8's code cache of this artefact. */
  cacheDirectory: string;
  /** "path/module.export" */
  handler: string;
  /** How far the cloud's clock is ahead of the machine's. */
  clockOffsetMs: number;
  logFormat: "Text" | "JSON";
  /** The minimum level to log, in JSON format only. */
  logLevel: string;
  /** Only for a function that is debugged. */
  debugging?: Debugging;
}

interface Debugging {
  /** The port on which the debugger listens, unless it is in use. */
  port: number;
  /** Whether to load the module only when a debugger is attached. */
  waits: boolean;
  /** The source map of each file that has one, by the file's path in the archive. */
  maps: Record<string, string>;
}

interface Invoke {
  kind: "invoke";
  requestId: string;
  /** The event, as JSON. */
  payload: string;
  traceHeader: string;
  functionArn: string;
  /** Real time, like the timeout itself. */
  timeoutMs: number;
  clockOffsetMs: number;
  /** From the caller, base64 of JSON. */
  clientContext?: string;
}

interface MoveClock {
  kind: "clock";
  clockOffsetMs: number;
}

type FromRuntime =
  | { kind: "ready" }
  | { kind: "init-failed"; failure: Failure }
  | LogLine
  | { kind: "done"; requestId: string; payload: string; failed: boolean; maxMemoryKb: number };

interface LogLine {
  kind: "log";
  /** In the cloud's time. Absent for output of Node itself or of a child process. */
  timeMs?: number;
  /** The finished line in the function's log format; raw output may hold several. */
  text: string;
  /** The level of the console method. Absent for raw output. */
  level?: string;
}

/** An error as Lambda returns it to the caller. */
interface Failure {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export type { Debugging, Failure, FromRuntime, Initialise, Invoke, LogLine, ToRuntime };
