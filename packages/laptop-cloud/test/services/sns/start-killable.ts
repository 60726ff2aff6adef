import { join } from "node:path";
import { startKillableCloud } from "@slack-fanout/laptop-cloud/testing";
import type { Declared } from "../../../src/kernel/service";

/** `client` is the configuration of any stock SDK client. */
const startKillable = async (directory: string, resources: Declared[]) => {
  const args = [directory, JSON.stringify(resources)];
  const { started: endpoint, kill } = await startKillableCloud<string>(join(__dirname, "killable-cloud.ts"), { args, isSilent: true });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { endpoint, client: { endpoint, region: "us-east-1", maxAttempts: 1, credentials }, kill };
};

export { startKillable };
