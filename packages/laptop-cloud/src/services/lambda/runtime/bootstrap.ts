/**
 * The program of a function's process. It is forked in advance, becomes one function when the cloud assigns it, and then
 * serves one invocation at a time.
 */
import { installShiftedDate, shiftDate } from "../../../kernel/shifted-date";
import { cacheCompilation, confineModules, saveCompilation } from "./artefact-modules";
import { send } from "./channel";
import { installConsole, nameRequest } from "./console-lines";
import { prepareDebugging } from "./debugging";
import { toFailure, toRuntimeFailure } from "./failure";
import { type Handler, InitError, loadHandler } from "./handler";
import { Invocation } from "./invocation";
import type { Failure, Initialise, Invoke, ToRuntime } from "./protocol";

let variables: Record<string, string> = {};
let handler: Handler;
let invocation: Invocation | undefined;

const initialise = async (message: Initialise) => {
  variables = message.variables;
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, variables);
  shiftDate(message.clockOffsetMs);
  installConsole(message);
  process.chdir(message.taskRoot);
  confineModules(message.taskRoot, message.sdkFolders);
  if (message.debugging === undefined) cacheCompilation(message);
  else prepareDebugging(message.taskRoot, message.debugging);
  try {
    handler = await loadHandler(message);
    send({ kind: "ready" });
  } catch (error) {
    const failure = error instanceof InitError ? error.failure : toFailure(error);
    console.error("Uncaught Exception", JSON.stringify({ ...failure, trace: undefined, stack: failure.trace }));
    send({ kind: "init-failed", failure });
    process.exit(1);
  }
};

const invoke = (message: Invoke) => {
  shiftDate(message.clockOffsetMs);
  process.env["_X_AMZN_TRACE_ID"] = message.traceHeader;
  nameRequest(message.requestId);
  invocation = new Invocation(message, variables, () => {
    invocation = undefined;
    saveCompilation();
  });
  invocation.run(handler);
};

/** Handles an uncaught error: logs it, returns it to the caller, and exits with the code of Lambda's Node runtime. */
const crash = (title: string, failure: Failure, exitCode: number) => {
  console.error(title, JSON.stringify({ ...failure, trace: undefined, stack: failure.trace }));
  if (invocation !== undefined) invocation.abandon(failure);
  else if (handler === undefined) send({ kind: "init-failed", failure });
  process.exit(exitCode);
};

process.on("uncaughtException", error => crash("Uncaught Exception", toFailure(error), 129));
process.on("unhandledRejection", reason =>
  crash("Unhandled Promise Rejection", toRuntimeFailure("Runtime.UnhandledPromiseRejection", reason), 128),
);
// A terminal's Ctrl-C reaches the whole process group. Only the cloud ends its functions, after they finish their work.
process.on("SIGINT", () => {});
process.on("message", (message: ToRuntime) => {
  if (message.kind === "initialise") void initialise(message);
  else if (message.kind === "invoke") invoke(message);
  else shiftDate(message.clockOffsetMs);
});
installShiftedDate();
// Code that finds it would assume that it is a cluster worker.
delete (process as { send?: unknown }).send;
