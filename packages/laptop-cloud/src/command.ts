import { sep } from "node:path";
import { commandWith } from "./kernel/command-name";
import type { Laptop, RunningLaptop } from "./laptop";
import { buildHelp, EX_USAGE, readOptions, type StartOptions } from "./options";
import { StackProgram } from "./stack-program";
import { Terminal } from "./terminal";

/** How long an orderly stop may take before it is cut short. */
const STOP_LIMIT_MS = 4500;

/** How often a laptop that npm started checks that npm still runs. A new start waits longer than this for the state directory. */
const NPM_WATCH_MS = 250;

const terminal = new Terminal();

/** The command line of a laptop: reads the arguments, starts it, says where it is, and stops it at a signal. */
const startFromCommandLine = (laptop: Laptop) => {
  run(laptop).catch((error: Error) => {
    terminal.report(error);
    process.exit(1);
  });
};

const run = async (laptop: Laptop) => {
  stopWithNpm(process.env);
  const options = readCommandLine();
  if (options === undefined) {
    console.log(buildHelp(laptop.signedDoors ?? []));
    return;
  }
  const program = new StackProgram(options, laptop.plugins ?? []);
  // Only now, so that the program's process loads Pulumi while this one loads the services.
  const { startLaptop } = require("./laptop") as typeof import("./laptop");
  try {
    const running = await startLaptop(laptop, options, terminal, program);
    // First, because a process that waits for the file may send a signal at once.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop(running, signal));
    await running.announce();
    print(running, laptop.printedOutputs ?? {});
    await running.follow();
  } catch (error) {
    throw explainFile(error as NodeJS.ErrnoException, options.directory);
  }
};

/** Returns undefined when help is asked for. Ends the process if an argument or a variable is wrong. */
const readCommandLine = (): StartOptions | undefined => {
  try {
    return readOptions(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exit(EX_USAGE);
  }
};

/** npm passes SIGINT and SIGTERM on, but its own SIGKILL would leave the laptop running, with the ports and the state directory taken. */
const stopWithNpm = (environment: NodeJS.ProcessEnv) => {
  if (environment["npm_lifecycle_event"] !== "start") return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) process.kill(process.pid, "SIGKILL");
  }, NPM_WATCH_MS).unref();
};

const print = ({ project, endpoints, fallbackUrl }: RunningLaptop, printedOutputs: Record<string, string>) => {
  // Since the process began, which is how long the user waited.
  const seconds = (performance.now() / 1000).toFixed(1);
  terminal.print(`\n  ${project} is ready, after ${seconds} s.\n`);
  printLine("Page", endpoints.page);
  printLine("AWS endpoint", `${endpoints.aws}   (access key "test")`);
  if (fallbackUrl !== undefined)
    printLine("Fallback", `${fallbackUrl}   (answers for the AWS services that the laptop cloud does not have)`);
  for (const [label, name] of Object.entries(printedOutputs)) if (name in endpoints.outputs) printLine(label, endpoints.outputs[name]);
  terminal.print();
};

const printLine = (label: string, value: unknown) => terminal.print(`  ${label.padEnd(14)}${value}`);

const stop = (running: RunningLaptop, signal: NodeJS.Signals) => {
  // A terminal has just shown ^C in this line.
  terminal.print(`${signal === "SIGINT" ? "\n" : ""}Stopping. The state is kept.`);
  const timer = setTimeout(() => {
    console.error(`Stopping took more than ${STOP_LIMIT_MS} ms and was cut short. The state is on disk all the same.`);
    process.exit(1);
  }, STOP_LIMIT_MS);
  timer.unref();
  running.stop().then(
    () => process.exit(0),
    error => {
      console.error(error);
      process.exit(1);
    },
  );
};

/** Says how to get rid of a file in the state directory that is in the way. Only the cloud writes there. */
const explainFile = (error: NodeJS.ErrnoException, directory: string): Error =>
  error.path?.startsWith(directory + sep)
    ? new Error(
        `The laptop cloud can't use a file in its folder: ${error.message}. Remove it, or start over with \`${commandWith("--fresh")}\`.`,
        { cause: error },
      )
    : error;

export { startFromCommandLine };
