import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startCloud } from "./cloud";
import { type Program, showOutputs } from "./kernel/program";
import type { StartOptions } from "./options";
import type { Plugin } from "./plugin";
import { explainOverride, readStackConfig } from "./program/config";
import { runProgram } from "./program/run";
import { createDefinitions } from "./services";

/** What runs on the laptop beside the AWS services, and what may reach it. */
interface Laptop {
  plugins?: Plugin[];
  /** The page's entry file (`.tsx`), an absolute path. Default: a page without panels of the program's own. */
  page?: string;
  /** Paths that a host named with `--allow-host` reaches. Each must verify for itself who sends. Default: none. */
  signedDoors?: string[];
  /** Paths to which other sites may send a browser. Default: none. */
  landingPages?: string[];
  /** Stack outputs to print when the laptop is ready: the label, and the output's name. Outputs that the stack lacks are left out. */
  printedOutputs?: Record<string, string>;
}

/** Addresses of a running laptop; `endpoints.json` holds them. Each plugin adds its own under its name. */
interface Endpoints {
  [plugin: string]: unknown;
  page: string;
  /** The stack output `url`, or else the folder of all HTTP APIs. */
  api: unknown;
  aws: string;
  mail: string;
  region: string;
  outputs: Record<string, unknown>;
}

interface RunningLaptop {
  /** The project's name in `Pulumi.yaml`. */
  project: string;
  endpoints: Endpoints;
  /** Writes `endpoints.json`, which tells scripts that everything is ready. */
  announce(): Promise<void>;
  stop(): Promise<void>;
}

const STACK_NAME = "local";

/** Runs a Pulumi program, and the services that it declares. Once per process. */
const startLaptop = async (laptop: Laptop, options: StartOptions): Promise<RunningLaptop> => {
  const { plugins = [], page, signedDoors = [], landingPages = [] } = laptop;
  const { port, awsPort, directory, fresh, overrides, allowedHosts } = options;
  const readConfig = (pageUrl: string) => readStackConfig(options.program, STACK_NAME, urlsOf(plugins, pageUrl), overrides);
  const { project, values } = readConfig("");
  let ran: Program | undefined;
  const program = () => {
    if (ran === undefined) throw new Error("A service asks for the program before it has run.");
    return ran;
  };
  const definitions = createDefinitions(program, plugins, { title: project, entry: page });
  // The program's own relative paths start from its folder.
  process.chdir(options.program);
  const file = join(directory, "endpoints.json");
  const cloud = await startCloud({
    directory,
    fresh,
    port,
    awsPort,
    exceptions: { allowedHosts, signedDoors, landingPages },
    region: values["aws:region"] ?? "us-east-1",
    definitions,
    declare: async place => {
      // A killed process may have left the file. The directory is locked by now, so it is not another laptop's.
      await rm(file, { force: true });
      const load = async () => require(options.program) as object;
      const { inventory, ...rest } = await runProgram({ config: readConfig(place.pageUrl), definitions, place, load }).catch(
        (error: Error) => {
          throw explainOverride(error, project, overrides);
        },
      );
      ran = rest;
      return inventory;
    },
  });
  const { pageUrl, awsUrl, region } = cloud.place;
  const outputs = showOutputs(program());
  const endpoints = {
    page: pageUrl,
    api: outputs["url"] ?? `${pageUrl}/api-gateway`,
    aws: awsUrl,
    ...urlsOf(plugins, pageUrl),
    mail: `${pageUrl}/mail`,
    region,
    outputs,
  };
  return {
    project,
    endpoints,
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

const urlsOf = (plugins: Plugin[], pageUrl: string): Record<string, string> =>
  Object.fromEntries(plugins.map(({ name, path }) => [name, `${pageUrl}${path}`]));

export type { Laptop, RunningLaptop };
export { startLaptop };
