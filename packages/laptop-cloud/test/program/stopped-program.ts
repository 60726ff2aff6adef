/** Starts itself as a program that has started another process, prints that process's id, and ends the program as the first argument says. */
import { spawn } from "node:child_process";
import { PROGRAM_VARIABLE, ProgramProcess, type ProgramTask } from "../../src/program/program-process";

/** Like esbuild, it complains when the program has gone. */
const runProgram = () => {
  const helper = spawn("/bin/sh", ["-c", "cat; echo the helper complains >&2"], { stdio: ["pipe", "ignore", "inherit"] });
  process.once("message", () => process.send!({ files: [String(helper.pid)] }));
};

const endProgram = async () => {
  const program = new ProgramProcess();
  const { files } = await program.run({ folder: "/", config: { project: "p" } } as ProgramTask);
  process.stdout.write(files[0]!);
  if (process.argv[2] === "stop") program.stop();
  else process.kill(process.pid, "SIGKILL");
};

if (process.env[PROGRAM_VARIABLE] === undefined) void endProgram();
else runProgram();
