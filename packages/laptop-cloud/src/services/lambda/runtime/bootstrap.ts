/**
 * The program of a function's process. It is forked ahead of need, becomes one function when the cloud says which, and then
 * serves one invocation at a time. It ends with the cloud.
 */
import { installShiftedDate, shiftDate } from "../../../kernel/shifted-date";
import { cacheCompilation, confineModules, saveCompilation } from "./artefact-modules";
import { tell } from "./channel";
import { installConsole, nameRequest } from "./console-lines";
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
  cacheCompilation(message);
  try {
    handler = await loadHandler(message);
    tell({ kind: "ready" });
  } catch (error) {
    const failure = error instanceof InitError ? error.failure : toFailure(error);
    console.error("Uncaught Exception", JSON.stringify({ ...failure, trace: undefined, stack: failure.trace }));
    tell({ kind: "init-failed", failure });
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

/** Nobody caught it: said, handed to the caller, and the environment is over, with the exit codes of Lambda's Node runtime. */
const crash = (title: string, failure: Failure, exitCode: number) => {
  console.error(title, JSON.stringify({ ...failure, trace: undefined, stack: failure.trace }));
  if (invocation !== undefined) invocation.abandon(failure);
  else if (handler === undefined) tell({ kind: "init-failed", failure });
  process.exit(exitCode);
};

process.on("uncaughtException", error => crash("Uncaught Exception", toFailure(error), 129));
process.on("unhandledRejection", reason =>
  crash("Unhandled Promise Rejection", toRuntimeFailure("Runtime.UnhandledPromiseRejection", reason), 128),
);
process.on("disconnect", () => process.exit(0));
// A terminal's Ctrl-C reaches the whole process group. Only the cloud decides when its functions end; they finish what they are at.
process.on("SIGINT", () => {});
process.on("message", (message: ToRuntime) => {
  if (message.kind === "initialise") void initialise(message);
  else if (message.kind === "invoke") invoke(message);
  else shiftDate(message.clockOffsetMs);
});
installShiftedDate();
// Code that looks for it would take itself for a worker of a cluster.
delete (process as { send?: unknown }).send;
