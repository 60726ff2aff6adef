/** `npm run bench`: runs the programs in `bench/`, one after another. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { defineScript, runScript, UsageError } from "./command-line";
import { root } from "./write-files";

/** What each program measures. */
const BENCHES: Record<string, string> = {
  doors: "the size and speed of the events door, beside an empty handler and Bolt for JavaScript",
  dynamodb: "the laptop's DynamoDB, over HTTP and in-process",
  dibs: "the turn queues",
  laptop: "the start and the services of the laptop cloud",
  reload: "the first and later starts of the laptop cloud, and its reloads after an edit",
  scale: "how many messages a second DynamoDB's partition limits allow, by experiment; takes ten minutes",
  page: "the page of the laptop cloud, with many messages",
};

const LOADER = ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs"];

/** Throws `UsageError`. */
const verifyNames = (names: string[]): void => {
  for (const name of names)
    if (!Object.hasOwn(BENCHES, name))
      throw new UsageError(`There is no bench ${JSON.stringify(name)}. Choose from ${Object.keys(BENCHES).join(", ")}.`);
};

/** Runs a program, and shows its lines as they come unless they are wanted as JSON. Throws if it fails. */
const run = (name: string, wantsJson: boolean | undefined): string[] => {
  const { status, stdout } = spawnSync(process.execPath, [...LOADER, join("bench", `${name}.ts`)], {
    cwd: root,
    stdio: ["ignore", wantsJson ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The bench ${name} failed.`);
  return stdout?.trimEnd().split("\n") ?? [];
};

const script = defineScript({
  name: "bench",
  usage: "[NAME...] [--json]",
  help: `Measures speed and size. Without a NAME, runs all benches, which takes minutes.

${Object.entries(BENCHES)
  .map(([name, what]) => `  ${name.padEnd(14)} ${what}`)
  .join("\n")}

AWS_REFERENCE_ENDPOINT (laptop) and DYNAMODB_ENDPOINT (dynamodb) may be addresses of other emulators to compare with.
`,
  options: {},
  maxArguments: Object.keys(BENCHES).length,
  run: ({ options: { json }, arguments: names, report }) => {
    verifyNames(names);
    const lines = (names.length === 0 ? Object.keys(BENCHES) : names).map(name => {
      report(`Running ${name}.`);
      return [name, run(name, json)];
    });
    return { text: "", json: Object.fromEntries(lines) };
  },
});

if (require.main === module) void runScript(script);

export { BENCHES, script };
