/** What the cloud and a function's process say to each other: messages down the fork's channel, lines of JSON up through a pipe. */
type ToRuntime = Initialise | Invoke | MoveClock;

/** Once per process: become this function. */
interface Initialise {
  kind: "initialise";
  /** The whole environment; nothing of the machine's own remains. */
  variables: Record<string, string>;
  /** Folder of the unpacked artefact. */
  taskRoot: string;
  /** Where the AWS SDK of the runtime is looked for, in this order: it is found from there as a module in that folder would find it. */
  sdkFolders: string[];
  /** Folder for V8's code cache of this artefact. */
  cacheDirectory: string;
  /** "path/module.export" */
  handler: string;
  /** How far the cloud's time is ahead of the machine's. */
  clockOffsetMs: number;
  logFormat: "Text" | "JSON";
  /** The least level that is written where the format is JSON. */
  logLevel: string;
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
  /** In the cloud's time; absent where nobody stamped it (what Node itself or a child process writes). */
  timeMs?: number;
  /** The finished line in the function's log format; raw output may hold several. */
  text: string;
  /** Of the console method, for people who watch; absent for raw output. */
  level?: string;
}

/** An error as Lambda hands it to the caller. */
interface Failure {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export type { Failure, FromRuntime, Initialise, Invoke, LogLine, ToRuntime };
