import { join } from "node:path";
import type { Inventory } from "@slack-fanout/laptop-cloud/kernel/inventory";
import type { Program } from "@slack-fanout/laptop-cloud/kernel/program";
import type { Place } from "@slack-fanout/laptop-cloud/kernel/service";
import { readStackConfig } from "@slack-fanout/laptop-cloud/program/config";
import { runProgram } from "@slack-fanout/laptop-cloud/program/run";
import { resourceServices } from "@slack-fanout/laptop-cloud/resource-services";

const root = join(__dirname, "..");

/** Addresses for a laptop cloud at which nothing listens. */
const nowhere: Place = { region: "us-east-1", account: "000000000000", awsUrl: "http://127.0.0.1:1", pageUrl: "http://127.0.0.1:1" };

const FEATURES = {
  features: '["documents","payroll","dibs","onboarding"]',
  joinChannels: "true",
  deletedMessages: "remove",
  messageArchiveDays: "30",
  production: "true",
};

/** Settings with which the program has all of its features, with one workspace and with many. */
const EVERYTHING = {
  one: { ...FEATURES, digestChannel: "C0001" },
  many: { ...FEATURES, workspaces: "many", tokenRotation: "true" },
};

type Run = Promise<Program & { inventory: Inventory }>;

/** Runs without a `place`, by their changes. Tests share them, so no test may modify the results. */
const runs = new Map<string, Run>();

/** Runs the whole program in this process, as the laptop cloud does, with changes to its configuration. Without a place, each program runs once. */
const runWholeProgram = (changes: Record<string, string> = {}, place?: Place): Run => {
  if (place !== undefined) return run(changes, place);
  const key = JSON.stringify(changes);
  const known = runs.get(key) ?? run(changes, nowhere);
  runs.set(key, known);
  return known;
};

const run = async (changes: Record<string, string>, place: Place): Run => {
  const config = readStackConfig(root, "local", { slack: `${place.pageUrl}/slack` });
  for (const [key, value] of Object.entries(changes)) config.values[`${config.project}:${key}`] = value;
  const program = join(root, "index.ts");
  // A second run in the same process must execute the program again.
  delete require.cache[program];
  return runProgram({
    config,
    services: resourceServices,
    place,
    load: async () => require(program) as object,
  });
};

export { EVERYTHING, runWholeProgram };
