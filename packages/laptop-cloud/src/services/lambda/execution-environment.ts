import { randomBytes, randomUUID } from "node:crypto";
import type { AwsError } from "../../kernel/aws-error";
import type { FunctionCaller } from "../../kernel/caller";
import type { Environment } from "../../kernel/identities";
import { LogWriter } from "../../kernel/log-writer";
import type { Cloud } from "../../kernel/service";
import { parseTraceHeader } from "../../kernel/trace";
import type { DeployedFunction } from "./deployed-function";
import { createInvocationLog, type InvocationLog } from "./invocation-log";
import type { Debugging, Failure, FromRuntime, LogLine } from "./runtime/protocol";
import type { Exit, RuntimeProcess } from "./runtime-process";

/** An invocation as it is sent to an execution environment. */
interface InvocationRequest {
  requestId: string;
  /** JSON. */
  payload: string;
  /** The trace's root. */
  trace: string;
  clientContext?: string;
}

interface InvocationOutcome {
  /** JSON: the result or the error. */
  payload: string;
  failed: boolean;
  durationMs: number;
  /** Whether the caller waited for the environment. */
  cold: boolean;
  /** The last 4 KB of the log, for `LogType: "Tail"`. */
  logTail: string;
}

/** Maximum size of the log that Invoke returns (Invoke, "LogResult"). */
const LOG_TAIL_BYTES = 4096;

/** Time limit for loading the function's module, unless the function's timeout is longer. */
const INIT_TIMEOUT_MS = 10_000;

/** How many past invocations to remember, because AWS calls can arrive after their invocation ended, from work that it left running. */
const MAX_KEPT_INVOCATIONS = 16;

interface Running {
  request: InvocationRequest;
  startedMs: number;
  /** The end of its log, a little more than is returned. */
  tail: string;
  timeout: NodeJS.Timeout | undefined;
  resolve(outcome: InvocationOutcome): void;
}

interface EnvironmentOptions {
  /** Called once if the function's role may not write its log. */
  onLogRefused: (error: AwsError) => void;
  /** For a function that is debugged: it has no time limits. */
  debugging?: Debugging;
}

/** A process that runs one function: its identity, its log stream, and one invocation at a time. */
class ExecutionEnvironment implements Environment {
  readonly id = randomUUID();
  readonly #sessionToken = randomBytes(32).toString("base64url");
  readonly #log: LogWriter;
  readonly #invocationLog: InvocationLog;
  readonly #logStream: string;
  readonly #invocations = new Map<string, { requestId: string; trace: string }>();
  readonly #debugging: Debugging | undefined;
  #isDebuggerAttached = false;
  readonly #awsCalls = new Map<string | undefined, number>();
  #running: Running | undefined;
  #initialised: ((failure?: Failure) => void) | undefined;
  #initDurationMs: number | undefined;
  #ended = false;
  #timedOut = false;
  #maxMemoryMb = 0;

  constructor(
    private readonly cloud: Cloud,
    readonly deployed: DeployedFunction,
    private readonly process: RuntimeProcess,
    { onLogRefused, debugging }: EnvironmentOptions,
  ) {
    this.#debugging = debugging;
    const { configuration } = deployed;
    const date = new Date(cloud.clock.nowMs()).toISOString().slice(0, 10).replaceAll("-", "/");
    this.#logStream = `${date}/[$LATEST]${randomBytes(16).toString("hex")}`;
    this.#log = new LogWriter(cloud, {
      caller: { kind: "role", roleArn: configuration.roleArn, principal: "lambda.amazonaws.com" },
      group: configuration.logging.group,
      stream: this.#logStream,
      onRefused: onLogRefused,
    });
    this.#invocationLog = createInvocationLog(configuration.logging, () => cloud.clock.nowMs());
    cloud.identities.register(this.#sessionToken, this);
    process.onMessage = message => this.#handleMessage(message);
    void process.ended.then(exit => this.#end(exit));
  }

  get alive() {
    return !this.#ended && this.process.alive;
  }

  /** Whether it will load the function's module once a debugger attaches. */
  get waitsForDebugger() {
    return this.#debugging?.waits === true && this.#initialised !== undefined && !this.#isDebuggerAttached;
  }

  /** Loads the function's module. Resolves with the failure, if there was one; the environment has then ended. */
  async initialise(): Promise<Failure | undefined> {
    const { configuration, artefact } = this.deployed;
    const startedMs = performance.now();
    const failure = await new Promise<Failure | undefined>(resolve => {
      const limitMs = Math.max(INIT_TIMEOUT_MS, configuration.timeoutSeconds * 1000);
      const limit = this.#limit(limitMs, () => {
        resolve(timedOut(this.cloud.clock.nowMs(), this.id, limitMs));
        void this.kill();
      });
      this.#initialised = failure => {
        clearTimeout(limit);
        resolve(failure);
      };
      this.process.send({
        kind: "initialise",
        variables: this.#variables(),
        taskRoot: artefact.taskRoot,
        // The program's own SDK, or else the laptop cloud's.
        sdkFolders: [process.cwd(), __dirname],
        cacheDirectory: artefact.cacheDirectory,
        handler: configuration.handler,
        clockOffsetMs: this.cloud.clock.offsetMs,
        logFormat: configuration.logging.format,
        logLevel: configuration.logging.applicationLevel,
        debugging: this.#debugging,
      });
    });
    this.#initialised = undefined;
    this.#initDurationMs = performance.now() - startedMs;
    return failure;
  }

  /** Never rejects: a crash is a failed outcome, in Lambda's words. */
  invoke(request: InvocationRequest): Promise<InvocationOutcome> {
    const { timeoutSeconds, arn } = this.deployed.configuration;
    const timeoutMs = timeoutSeconds * 1000;
    const parent = randomBytes(8).toString("hex");
    this.#remember(parent, request);
    return new Promise(resolve => {
      // Wait one turn of the event loop: an answer may have arrived while this process was busy.
      const timeout = this.#limit(timeoutMs, () => setImmediate(() => this.#expire(request.requestId)));
      this.#running = { request, startedMs: performance.now(), tail: "", timeout, resolve };
      if (!this.alive) return this.#fail(exitFailure(request.requestId, { code: null, signal: "SIGKILL" }), "error");
      for (const line of this.#invocationLog.start(request.requestId)) this.#writeLine(line);
      this.process.send({
        kind: "invoke",
        requestId: request.requestId,
        payload: request.payload,
        traceHeader: `Root=${request.trace};Parent=${parent};Sampled=1`,
        functionArn: arn,
        timeoutMs,
        clockOffsetMs: this.cloud.clock.offsetMs,
        clientContext: request.clientContext,
      });
    });
  }

  followClock(clockOffsetMs: number) {
    this.process.send({ kind: "clock", clockOffsetMs });
  }

  caller(traceHeader: string | undefined): FunctionCaller {
    const { label, arn, roleArn } = this.deployed.configuration;
    const invocation = this.#invocations.get(parseTraceHeader(traceHeader).parent ?? "");
    return {
      kind: "function",
      function: label,
      functionArn: arn,
      roleArn,
      environment: this.id,
      invocation: invocation?.requestId,
      trace: invocation?.trace,
    };
  }

  countCall(invocation: string | undefined): number {
    const count = (this.#awsCalls.get(invocation) ?? 0) + 1;
    this.#awsCalls.set(invocation, count);
    return count;
  }

  async kill() {
    // At once, before the process has exited, so that no call is assigned to a dying environment.
    this.#ended = true;
    this.cloud.identities.forget(this.#sessionToken);
    await this.process.kill();
  }

  flushLog() {
    return this.#log.flush();
  }

  #limit(milliseconds: number, expire: () => void): NodeJS.Timeout | undefined {
    return this.#debugging === undefined ? setTimeout(expire, milliseconds) : undefined;
  }

  #remember(parent: string, { requestId, trace }: InvocationRequest) {
    this.#invocations.set(parent, { requestId, trace });
    for (const [oldest, { requestId }] of this.#invocations) {
      if (this.#invocations.size <= MAX_KEPT_INVOCATIONS) break;
      this.#invocations.delete(oldest);
      this.#awsCalls.delete(requestId);
    }
  }

  #handleMessage(message: FromRuntime) {
    switch (message.kind) {
      case "ready":
        return this.#initialised?.();
      case "init-failed":
        return this.#initialised?.(message.failure);
      case "log":
        return this.#hearLine(message);
      case "done":
        if (message.requestId !== this.#running?.request.requestId) return;
        this.#maxMemoryMb = Math.ceil(message.maxMemoryKb / 1024);
        return this.#finish(message.payload, message.failed ? "error" : "success");
    }
  }

  #hearLine({ timeMs, text, level }: LogLine) {
    if (this.#debugging !== undefined && this.#hearDebugger(text)) return;
    const lines = level === undefined ? text.split("\n").filter(line => line !== "") : [text];
    for (const line of lines) this.#writeLine(line, timeMs);
    if (level === undefined || this.#running === undefined) return;
    const { requestId, trace } = this.#running.request;
    const { label } = this.deployed.configuration;
    this.cloud.occurrences.record({
      atMs: this.cloud.clock.nowMs(),
      kind: "log",
      trace,
      from: label,
      detail: { requestId, level, line: text },
    });
  }

  /** What Node prints about its debugger is not the function's. */
  #hearDebugger(text: string): boolean {
    if (text.startsWith("Debugger attached")) this.#isDebuggerAttached = true;
    const url = /^Debugger listening on (ws:\S+)/.exec(text)?.[1];
    if (url !== undefined)
      this.cloud.occurrences.record({
        atMs: this.cloud.clock.nowMs(),
        kind: "debugger",
        from: this.deployed.configuration.label,
        detail: { url },
      });
    return /^(Debugger |Starting inspector |For help, see: )/.test(text);
  }

  #writeLine(line: string, timeMs = this.cloud.clock.nowMs()) {
    this.#log.write(timeMs, line);
    if (this.#running === undefined) return;
    // Each character has at least one byte, so keeping this many characters is enough.
    const tail = this.#running.tail + (line.endsWith("\n") ? line : `${line}\n`);
    this.#running.tail = tail.slice(-LOG_TAIL_BYTES);
  }

  #expire(requestId: string) {
    if (this.#running?.request.requestId !== requestId) return;
    this.#timedOut = true;
    const failure = timedOut(this.cloud.clock.nowMs(), requestId, this.deployed.configuration.timeoutSeconds * 1000);
    this.#writeLine(`${failure.errorMessage}\n`);
    this.#fail(failure, "timeout");
    void this.kill();
  }

  #end(exit: Exit) {
    this.#ended = true;
    this.cloud.identities.forget(this.#sessionToken);
    const requestId = this.#running?.request.requestId ?? this.id;
    this.#initialised?.(exitFailure(requestId, exit));
    if (this.#running !== undefined && !this.#timedOut) this.#fail(exitFailure(requestId, exit), "error");
    void this.#log.flush();
  }

  #fail(failure: Failure, status: "error" | "timeout") {
    this.#finish(JSON.stringify(failure), status);
  }

  #finish(payload: string, status: "success" | "error" | "timeout") {
    const { request, startedMs, timeout, resolve } = this.#running!;
    clearTimeout(timeout);
    const durationMs = performance.now() - startedMs;
    const initDurationMs = this.#initDurationMs;
    this.#initDurationMs = undefined;
    const report = {
      durationMs,
      memoryMb: this.deployed.configuration.memoryMb,
      maxMemoryMb: this.#maxMemoryMb,
      initDurationMs,
      status,
    };
    for (const line of this.#invocationLog.end(request.requestId, report)) this.#writeLine(line);
    const logTail = Buffer.from(this.#running!.tail).subarray(-LOG_TAIL_BYTES).toString();
    this.#running = undefined;
    resolve({ payload, failed: status !== "success", durationMs, cold: initDurationMs !== undefined, logTail });
  }

  /** The function's variables, and those that Lambda sets ("Defined runtime environment variables"). */
  #variables(): Record<string, string> {
    const { configuration, artefact } = this.deployed;
    const { region, awsUrl } = this.cloud.place;
    return {
      ...configuration.variables,
      _HANDLER: configuration.handler,
      AWS_ACCESS_KEY_ID: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      AWS_SECRET_ACCESS_KEY: randomBytes(20).toString("hex"),
      AWS_SESSION_TOKEN: this.#sessionToken,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: awsUrl,
      // The declared runtime has its own Node version, so the SDK's warnings about this machine's Node do not apply to the function.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: configuration.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMb),
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_GROUP_NAME: configuration.logging.group,
      AWS_LAMBDA_LOG_STREAM_NAME: this.#logStream,
      LAMBDA_TASK_ROOT: artefact.taskRoot,
      LANG: "en_US.UTF-8",
      PATH: "/usr/local/bin:/usr/bin:/bin",
      TZ: ":UTC",
    };
  }
}

const timedOut = (nowMs: number, requestId: string, timeoutMs: number): Failure => ({
  errorType: "Sandbox.Timedout",
  errorMessage: `${new Date(nowMs).toISOString()} ${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
});

const exitFailure = (requestId: string, { code, signal }: Exit): Failure => {
  const how =
    signal !== null
      ? `with error: signal: ${signalNames[signal] ?? signal}`
      : code
        ? `with error: exit status ${code}`
        : "without providing a reason";
  return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: Runtime exited ${how}` };
};

const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "killed",
  SIGABRT: "aborted (core dumped)",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};

export type { InvocationOutcome, InvocationRequest };
export { ExecutionEnvironment };
