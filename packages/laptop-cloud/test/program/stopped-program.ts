/** Starts itself as a program that has started another process, and stops the program. */
import { spawn } from "node:child_process";
import { PROGRAM_VARIABLE, ProgramProcess, type ProgramTask } from "../../src/program/program-process";
import { eventually } from "../../src/testing/eventually";

/** Like esbuild, it complains when the program has gone. */
const runProgram = () => {
  const helper = spawn("/bin/sh", ["-c", "cat; echo the helper complains >&2"], { stdio: ["pipe", "ignore", "inherit"] });
  process.once("message", () => process.send!({ files: [String(helper.pid)] }));
};

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const stopProgram = async () => {
  const program = new ProgramProcess();
  const { files } = await program.run({ folder: "/", config: { project: "p" } } as ProgramTask);
  program.stop();
  await eventually(() => !isAlive(Number(files[0])));
};

if (process.env[PROGRAM_VARIABLE] === undefined) void stopProgram();
else runProgram();
