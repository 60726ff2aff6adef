import { join } from "node:path";
import type { Declared } from "../../../src/kernel/service";
import { startKillableCloud } from "../../killable-cloud";

/** `client` is the configuration of any stock SDK client. */
const startKillable = async (directory: string, resources: Declared[]) => {
  const args = [directory, JSON.stringify(resources)];
  const { started: endpoint, kill } = await startKillableCloud<string>(join(__dirname, "killable-cloud.ts"), { args, isSilent: true });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { endpoint, client: { endpoint, region: "us-east-1", maxAttempts: 1, credentials }, kill };
};

export { startKillable };
