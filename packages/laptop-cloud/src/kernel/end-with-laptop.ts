import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";

/** Reads lines of process ids; a negative id means a process group. When its input ends, the laptop is gone, and it kills the processes of the last line. */
const GUARD = 'trap "" INT TERM HUP; while read -r line; do ids=$line; done; [ -z "$ids" ] || kill -9 $ids';

const children = new Set<number>();
let guard: Socket | undefined;

/**
 * Ends a child process when this process dies, even after kill -9. A child can't do that itself while it runs an endless loop, so a small
 * process that outlives this one kills them all. With "group", the processes that a detached child has started end, too.
 */
const endWithLaptop = (child: ChildProcess, scope: "process" | "group" = "process") => {
  const { pid } = child;
  // It could not be started.
  if (pid === undefined) return;
  const id = scope === "group" ? -pid : pid;
  children.add(id);
  tellGuard();
  child.once("exit", () => {
    children.delete(id);
    tellGuard();
  });
};

/** Kills a detached child and the processes that it has started. */
const killGroup = ({ pid, exitCode, signalCode }: ChildProcess) => {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

const tellGuard = () => {
  guard ??= startGuard();
  guard.write(`${[...children].join(" ")}\n`);
};

const startGuard = (): Socket => {
  // A session of its own, because a signal to this process's group must not end it.
  const process = spawn("/bin/sh", ["-c", GUARD], { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
  process.unref();
  // There is no shell here. Children still end with the laptop, except those in an endless loop.
  process.once("error", () => undefined);
  const input = process.stdin as Socket;
  input.unref();
  // Somebody has ended it. The next child gets a new one.
  input.once("close", () => {
    guard = undefined;
  });
  input.on("error", () => undefined);
  return input;
};

export { endWithLaptop, killGroup };
