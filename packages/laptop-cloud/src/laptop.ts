import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startCloud } from "./cloud";
import type { CodeBuilder } from "./code-builder";
import { findDebuggerPort } from "./debugger-port";
import { Inventory } from "./kernel/inventory";
import { maskedOutputs } from "./kernel/program";
import type { Cloud } from "./kernel/service";
import type { FindMap } from "./kernel/source-positions";
import type { StartOptions } from "./options";
import { type Plugin, urlsOf } from "./plugin";
import { Reloads } from "./reloads";
import { createDefinitions } from "./services";
import type { StackProgram } from "./stack-program";
import type { Terminal } from "./terminal";

/** Parts of the laptop in addition to the AWS services, and the requests that may reach it. */
interface Laptop {
  plugins?: Plugin[];
  /** The page's entry file (`.tsx`), an absolute path. Default: a page without panels of the program's own. */
  page?: string;
  /** Builds the code of functions again when its sources change. Default: the whole program runs again. */
  code?: CodeBuilder;
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
  /** `AWS_FALLBACK_ENDPOINT` */
  fallbackUrl?: string;
  /** Writes `endpoints.json`, which tells scripts that everything is ready. */
  announce(): Promise<void>;
  /** Prints what functions log, and reloads what was edited since the start. */
  follow(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs a Pulumi program, and the services that it declares. */
const startLaptop = async (laptop: Laptop, options: StartOptions, terminal: Terminal, program: StackProgram): Promise<RunningLaptop> => {
  const { plugins = [], signedDoors = [], landingPages = [], code } = laptop;
  const { port, awsPort, fallbackUrl, runtimes, directory, fresh, allowedHosts, inspect } = options;
  const findMap: FindMap = path => code?.findMap(path);
  const beganMs = Date.now();
  const file = join(directory, "endpoints.json");
  try {
    const { project, values } = program.readConfig();
    // The program's own relative paths start from its folder.
    process.chdir(options.program);
    const cloud = await startCloud({
      directory,
      fresh,
      port,
      awsPort,
      fallbackUrl,
      runtimes,
      exceptions: { allowedHosts, signedDoors, landingPages },
      region: values["aws:region"] ?? "us-east-1",
      inspection: inspect && { ...inspect, port: await findDebuggerPort(), findMap },
      definitions: createDefinitions({ program: () => program.latest, plugins, page: { title: project, entry: laptop.page }, findMap }),
      declare: async place => {
        // A killed process may have left the file. The directory is locked by now, so it is not another laptop's.
        await rm(file, { force: true });
        const inventory = new Inventory(await terminal.during(`running ${project}`, () => program.run(place)));
        checkInspected(inspect?.name, inventory);
        return inventory;
      },
    });
    const endpoints = () => buildEndpoints(cloud, program, plugins);
    const announce = async () => {
      await writeFile(`${file}.partial`, `${JSON.stringify(endpoints(), null, 2)}\n`);
      await rename(`${file}.partial`, file);
    };
    const reloads = new Reloads({ cloud, program, code, terminal, announce });
    let endFollowing = () => {};
    return {
      project,
      endpoints: endpoints(),
      fallbackUrl,
      announce,
      follow: async () => {
        endFollowing = terminal.follow(cloud, options.logs, findMap);
        await reloads.start(beganMs);
      },
      stop: async () => {
        // A function that is killed now has not failed.
        endFollowing();
        await rm(file, { force: true });
        await reloads.stop();
        await cloud.stop();
      },
    };
  } finally {
    program.stop();
  }
};

const checkInspected = (name: string | undefined, inventory: Inventory) => {
  const names = inventory.ofType("aws:lambda/function:Function").map(resource => resource.name);
  if (name !== undefined && !names.includes(name))
    throw new RangeError(
      `--inspect is ${JSON.stringify(name)}, which is not a function of the program: there are ${names.sort().join(", ")}.`,
    );
};

const buildEndpoints = (cloud: Cloud, program: StackProgram, plugins: Plugin[]): Endpoints => {
  const { pageUrl, awsUrl, region } = cloud.place;
  const outputs = maskedOutputs(program.latest);
  return {
    page: pageUrl,
    api: outputs["url"] ?? `${pageUrl}/api-gateway`,
    aws: awsUrl,
    ...urlsOf(plugins, pageUrl),
    mail: `${pageUrl}/mail`,
    region,
    outputs,
  };
};

export type { Laptop, RunningLaptop };
export { startLaptop };
