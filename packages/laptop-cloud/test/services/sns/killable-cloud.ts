import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Declared } from "../../../src/kernel/service";

/** Starts a laptop cloud in a child process, which ends by SIGKILL only. `client` is the configuration of any stock SDK client. */
const startKillable = async (directory: string, resources: Declared[]) => {
  const child = fork(join(__dirname, "cloud-process.ts"), [directory, JSON.stringify(resources)], {
    execArgv: ["-C", "slack-fanout-source", "-r", "@slack-fanout/laptop-cloud/register"],
    // Its complaints about failing functions are wanted here.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const [endpoint] = (await once(child, "message")) as [string];
  return {
    endpoint,
    client: { endpoint, region: "us-east-1", maxAttempts: 1, credentials: { accessKeyId: "test", secretAccessKey: "test" } },
    kill: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
};

export { startKillable };
