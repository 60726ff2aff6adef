/** `npm start`: the laptop cloud, with the program of this folder in it. */
import { rename, rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { startCloud } from "./cloud";
import { type Program, showOutputs } from "./kernel/program";
import { help, readOptions, type StartOptions } from "./options";
import { explainOverride, readStackConfig } from "./program/config";
import { runProgram } from "./program/run";
import { createDefinitions } from "./services";

/** How long an orderly end may take before it is cut short, milliseconds. */
const stopLimitMs = 4500;

const stackName = "local";

/** What may be reached from outside this machine; each verifies for itself who sends. */
const signedDoors = ["webhook", "events", "commands", "interactions"].map(door => `/api-gateway/${door}`);

/** Where Slack sends the browser of somebody who installs the app. */
const landingPages = ["/api-gateway/install", "/api-gateway/install/callback"];

const start = async ({ port, awsPort, directory, fresh, program, overrides, allowedHosts }: StartOptions) => {
  let ran: Program | undefined;
  const definitions = createDefinitions(() => {
    if (ran === undefined) throw new Error("A service asks for the program before it has run.");
    return ran;
  });
  // The program's own relative paths start from its folder.
  process.chdir(program);
  const file = join(directory, "endpoints.json");
  const readConfig = (pageUrl: string) => readStackConfig(program, stackName, { slack: `${pageUrl}/slack` }, overrides);
  const cloud = await startCloud({
    directory,
    fresh,
    port,
    awsPort,
    exceptions: { allowedHosts, signedDoors, landingPages },
    region: readConfig("").values["aws:region"] ?? "us-east-1",
    definitions,
    declare: async place => {
      // What a process left that was killed; the directory is ours by now.
      await rm(file, { force: true });
      const config = readConfig(place.pageUrl);
      const load = async () => require(program) as object;
      const { inventory, ...rest } = await runProgram({ config, definitions, place, load }).catch((error: Error) => {
        throw explainOverride(error, config.project, overrides);
      });
      ran = rest;
      return inventory;
    },
  });
  const outputs = showOutputs(ran!);
  const { pageUrl, awsUrl, region } = cloud.place;
  const endpoints = {
    page: pageUrl,
    api: outputs["url"] ?? `${pageUrl}/api-gateway`,
    aws: awsUrl,
    slack: `${pageUrl}/slack`,
    mail: `${pageUrl}/mail`,
    region,
    outputs,
  };
  return {
    endpoints,
    /** Tells scripts that everything is ready, with the addresses. */
    announce: async () => {
      await writeFile(`${file}.partial`, `${JSON.stringify(endpoints, null, 2)}\n`);
      await rename(`${file}.partial`, file);
    },
    stop: async () => {
      await rm(file, { force: true });
      await cloud.stop();
    },
  };
};

/** How often a cloud that npm started looks for it, milliseconds: well within what the next start waits for the state directory. */
const npmWatchMs = 250;

/** npm hands SIGINT and SIGTERM on, but not its own kill -9: the cloud would go on unseen, with the ports and the state directory. */
const endWithNpm = (environment: NodeJS.ProcessEnv) => {
  if (environment["npm_lifecycle_event"] !== "start") return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) process.kill(process.pid, "SIGKILL");
  }, npmWatchMs).unref();
};

/** Names what to do where the trouble is a file in the state directory: nothing lies there but what the cloud put there. */
const explainFile = (error: NodeJS.ErrnoException, directory: string) =>
  error.path?.startsWith(directory + sep)
    ? new Error(
        `The laptop cloud can't use what lies in its folder: ${error.message}. Remove it, or begin anew with \`npm start -- --fresh\`.`,
        {
          cause: error,
        },
      )
    : error;

const main = async () => {
  endWithNpm(process.env);
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === undefined) {
    console.log(help);
    return;
  }
  const fail = (error: Error): never => {
    throw explainFile(error, options.directory);
  };
  const running = await start(options).catch(fail);
  // Since the process began: whoever waits counts that too.
  const seconds = (performance.now() / 1000).toFixed(1);
  console.log(`\n  slack-fanout is ready, after ${seconds} s.\n`);
  console.log(`  Page          ${running.endpoints.page}`);
  console.log(`  AWS endpoint  ${running.endpoints.aws}   (access key "test")`);
  const { webhookUrl } = running.endpoints.outputs;
  console.log(webhookUrl === undefined ? "" : `  Webhook       ${webhookUrl}\n`);
  const end = (signal: NodeJS.Signals) => {
    console.log(`${signal}: stopping; the state is kept.`);
    const cut = setTimeout(() => {
      console.error(`Stopping took more than ${stopLimitMs} ms and is cut short; the state is on disk all the same.`);
      process.exit(1);
    }, stopLimitMs);
    cut.unref();
    running.stop().then(
      () => process.exit(0),
      error => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  // Last: whoever waits for the file may send a signal at once.
  await running.announce().catch(fail);
};

/** What a person did or wrote is answered in a sentence; anything else is a bug of ours, and shows where. */
const isSentence = ({ name }: Error) => ["Error", "RangeError", "NotImitated", "PolicyError", "RunError"].includes(name);

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(isSentence(error) ? error.message : error);
    process.exit(1);
  });
}
