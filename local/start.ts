/** `npm start`: the laptop cloud, with the program of this folder in it. */
import { rename, rm, writeFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { parseArgs } from "node:util";
import { startCloud } from "./cloud";
import { type Program, showOutputs } from "./kernel/program";
import { readStackConfig } from "./program/config";
import { runProgram } from "./program/run";
import { createDefinitions } from "./services";

interface StartOptions {
  /** Port of the page; 0 = any free one. */
  port: number;
  /** Port of the AWS endpoint; 0 = any free one. */
  awsPort: number;
  /** State directory. */
  directory: string;
  /** Begin anew: forget all state. */
  fresh: boolean;
  /** Folder of the Pulumi program. */
  program: string;
}

/** How long an orderly end may take before it is cut short, milliseconds. */
const stopLimitMs = 4500;

const stackName = "local";

/** Throws `RangeError` and `TypeError` with a sentence for what can't be taken. */
const readOptions = (args: string[], environment: NodeJS.ProcessEnv): StartOptions => {
  const { values } = parseArgs({
    args,
    options: { fresh: { type: "boolean", default: false }, program: { type: "string", default: "." } },
  });
  return {
    port: readPort("PORT", environment["PORT"], 3000),
    awsPort: readPort("AWS_PORT", environment["AWS_PORT"], 4566),
    directory: resolve(environment["LOCAL_DIR"] || ".local"),
    fresh: values.fresh,
    program: resolve(values.program),
  };
};

const readPort = (name: string, text: string | undefined, otherwise: number) => {
  if (text === undefined || text === "") return otherwise;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new RangeError(`${name} is ${JSON.stringify(text)}: want a port from 1 to 65535, or 0 for any free one.`);
  return port;
};

const start = async ({ port, awsPort, directory, fresh, program }: StartOptions) => {
  let ran: Program | undefined;
  const definitions = createDefinitions(() => {
    if (ran === undefined) throw new Error("A service asks for the program before it has run.");
    return ran;
  });
  // The program's own relative paths start from its folder.
  process.chdir(program);
  const file = join(directory, "endpoints.json");
  const cloud = await startCloud({
    directory,
    fresh,
    port,
    awsPort,
    region: readStackConfig(program, stackName, { slack: "" }).values["aws:region"] ?? "us-east-1",
    definitions,
    declare: async place => {
      // What a process left that was killed; the directory is ours by now.
      await rm(file, { force: true });
      const config = readStackConfig(program, stackName, { slack: `${place.pageUrl}/slack` });
      const { inventory, ...rest } = await runProgram({ config, definitions, place, load: async () => require(program) as object });
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
const isSentence = (error: Error & { code?: string }) =>
  ["Error", "RangeError", "NotImitated", "PolicyError", "RunError"].includes(error.name) ||
  error.code?.startsWith("ERR_PARSE_ARGS") === true;

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(isSentence(error) ? error.message : error);
    process.exit(1);
  });
}
