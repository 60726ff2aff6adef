/** A laptop cloud in a process of its own, for tests that end it with kill -9. */
import { fork } from "node:child_process";
import { once } from "node:events";

interface KillableOptions {
  args?: string[];
  /** Hides what the process prints, for tests in which its functions fail on purpose. */
  isSilent?: boolean;
}

/** Runs `script`, which calls `reportStart`. `started` is what it reports. Throws if it ends before that. */
const startKillableCloud = async <Started>(script: string, { args = [], isSilent = false }: KillableOptions = {}) => {
  const output = isSilent ? "ignore" : "inherit";
  const child = fork(script, args, {
    execArgv: ["-C", "slack-fanout-source", "-r", "@slack-fanout/laptop-cloud/register"],
    stdio: ["ignore", output, output, "ipc"],
  });
  const exited = once(child, "exit");
  const failed = exited.then(([code]) => {
    throw new Error(`${script} ended with ${code} before it reported a start`);
  });
  const [started] = (await Promise.race([once(child, "message"), failed])) as [Started];
  // The process may end from here on.
  failed.catch(() => undefined);
  return {
    started,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
};

/** Reports from the process to the test what has started. The process ends if the start fails, or with the test. */
const reportStart = (starting: Promise<unknown>) => {
  process.on("disconnect", () => process.exit());
  starting.then(
    started => process.send!(started),
    error => {
      console.error(error);
      process.exit(1);
    },
  );
};

export { reportStart, startKillableCloud };
