/**
 * Starts itself as a program that has started another process, and ends the program as the first argument says. The program writes that process's id
 * to the file that the second argument names.
 */
import { spawn } from "node:child_process";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { PROGRAM_VARIABLE, ProgramProcess, type ProgramTask } from "../../src/program/program-process";
import { eventually } from "../../src/testing/eventually";

const [end, file] = process.argv.slice(2) as [string, string];

/** Like esbuild, it complains when the program has gone. */
const runProgram = () => {
  const helper = spawn("/bin/sh", ["-c", "cat; echo the helper complains >&2"], { stdio: ["pipe", "ignore", "inherit"] });
  writeFileSync(`${file}.partial`, String(helper.pid));
  renameSync(`${file}.partial`, file);
};

const endProgram = async () => {
  const program = new ProgramProcess();
  const run = program.run({ folder: "/", config: { project: "p" } } as ProgramTask).catch((error: Error) => error.message);
  await eventually(() => existsSync(file));
  if (end === "kill") process.kill(process.pid, "SIGKILL");
  program.stop();
  process.stdout.write(String(await run));
};

if (process.env[PROGRAM_VARIABLE] === undefined) void endProgram();
else runProgram();
