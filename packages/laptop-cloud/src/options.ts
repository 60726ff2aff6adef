import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { commandWith } from "./kernel/command-name";
import { LOOPBACK_NAMES } from "./kernel/origins";
import type { Override } from "./program/config";
import { LOG_LEVELS, type LogLevel } from "./terminal";

interface StartOptions {
  /** Port of the page; 0 = any free one. */
  port: number;
  /** Port of the AWS endpoint; 0 = any free one. */
  awsPort: number;
  /** The origin of another emulator, for services that the laptop cloud does not have. */
  fallbackUrl?: string;
  /** The addresses of agents, by the ARN of their AgentCore Runtime. */
  runtimes: Record<string, string>;
  /** State directory. */
  directory: string;
  /** Start over: delete all state. */
  fresh: boolean;
  /** Folder of the Pulumi program. */
  program: string;
  /** Settings for this start only; the last one for a key counts. */
  overrides: Override[];
  /** The function to debug, by its Pulumi name. */
  inspect?: { name: string; waits: boolean };
  /** Which lines of functions are printed. */
  logs: LogLevel;
  /** Hosts of tunnels. They reach the signed doors only. */
  allowedHosts: string[];
}

/** Source: sysexits.h. */
const EX_USAGE = 64;

const buildHelp = (signedDoors: string[]) => `Usage: ${commandWith("[options]")}

Runs the Pulumi program of this folder on this machine, without AWS.

  --config KEY=VALUE   Overrides one setting for this start. Repeatable. A key without a namespace is the program's own:
                       --config retries=5 --config aws:region=eu-west-1
                       Separate the items of a list with commas: --config names=hello,bye
                       A dot selects a part of a structured value: --config server.port=8080
${signedDoors.length === 0 ? "" : describeAllowHost(signedDoors)}  --fresh              Deletes all state first.
  --program DIR        Runs the Pulumi program in DIR, with the settings of its Pulumi.local.yaml.
  --inspect NAME       Opens a debugger port for this function, 9229 if it is free. The function gets no time limit.
  --inspect-brk NAME   The same, and the function's module is loaded only when a debugger is attached.
  --logs LEVEL         Which lines of functions are printed: all (the default), errors or off.
  --runtime ARN=URL    The address of an agent of AgentCore Runtime that runs on this machine, such as http://127.0.0.1:8080. Repeatable.
  --help               Shows this text, and does nothing else.

Environment:
  PORT                 Port of the page (3000); 0 = any free port.
  AWS_PORT             Port of the AWS endpoint (4566); 0 = any free port.
  LOCAL_DIR            State directory (.local).
  AWS_FALLBACK_ENDPOINT
                       Another emulator, http://HOST:PORT. Calls of services that the laptop cloud does not have are passed on to it.

The exit code is 0 after a signal to stop, 1 if it can't start, ${EX_USAGE} if an argument or a variable is wrong.
`;

const describeAllowHost = (
  signedDoors: string[],
) => `  --allow-host NAME    Lets requests with this host name reach the signed doors (${signedDoors.map(path => basename(path)).join(", ")})
                       and nothing else, for a tunnel from the internet. Repeatable.
`;

/** Returns undefined when help is asked for. Throws `RangeError` that quotes the bad argument or variable. */
const readOptions = (args: string[], environment: NodeJS.ProcessEnv): StartOptions | undefined => {
  if (args.includes("--help") || args.includes("-h")) return undefined;
  const values = parseOptions(args);
  const port = readPort("PORT", environment["PORT"], 3000);
  const awsPort = readPort("AWS_PORT", environment["AWS_PORT"], 4566);
  if (port === awsPort && port !== 0) throw new RangeError(`PORT and AWS_PORT are both ${port}, but must differ. 0 means any free port.`);
  return {
    port,
    awsPort,
    fallbackUrl: readFallback(environment["AWS_FALLBACK_ENDPOINT"], [port, awsPort]),
    runtimes: Object.fromEntries(values.runtime.map(readRuntime)),
    directory: resolve(environment["LOCAL_DIR"] || ".local"),
    fresh: values.fresh,
    program: resolve(values.program),
    overrides: values.config.map(readOverride),
    inspect: readInspect(values),
    logs: readLogLevel(values.logs),
    allowedHosts: values["allow-host"].map(readHost),
  };
};

const parseOptions = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        "allow-host": { type: "string", multiple: true, default: [] },
        config: { type: "string", multiple: true, default: [] },
        fresh: { type: "boolean", default: false },
        inspect: { type: "string" },
        "inspect-brk": { type: "string" },
        logs: { type: "string", default: "all" },
        program: { type: "string", default: "." },
        runtime: { type: "string", multiple: true, default: [] },
      },
    }).values;
  } catch (error) {
    // Node's first sentence quotes the argument.
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new RangeError(`${sentence}; \`${commandWith("--help")}\` shows all options.`, { cause: error });
  }
};

const readPort = (name: string, text: string | undefined, otherwise: number) => {
  if (text === undefined || text === "") return otherwise;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new RangeError(`${name} is ${JSON.stringify(text)}, but must be a port from 1 to 65535, or 0 for any free port.`);
  return port;
};

/** A path would change what the signature covers. */
const readFallback = (text: string | undefined, ownPorts: number[]) => {
  if (text === undefined || text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.href !== `${url.origin}/`)
    throw new RangeError(
      `AWS_FALLBACK_ENDPOINT is ${JSON.stringify(text)}, but must be http://HOST:PORT or https://HOST:PORT, without a path.`,
    );
  if (LOOPBACK_NAMES.includes(url.hostname) && ownPorts.includes(Number(url.port || 80)))
    throw new RangeError(`AWS_FALLBACK_ENDPOINT is ${JSON.stringify(text)}, which is this laptop cloud itself. Name another emulator.`);
  return url.origin;
};

const readInspect = ({ inspect, "inspect-brk": brk }: { inspect?: string; "inspect-brk"?: string }): StartOptions["inspect"] => {
  if (inspect !== undefined && brk !== undefined)
    throw new RangeError(
      `--inspect is ${JSON.stringify(inspect)} and --inspect-brk is ${JSON.stringify(brk)}, but only one of them can be set.`,
    );
  const name = brk ?? inspect;
  return name === undefined ? undefined : { name, waits: brk !== undefined };
};

const readLogLevel = (text: string): LogLevel => {
  const level = LOG_LEVELS.find(each => each === text);
  if (level === undefined) throw new RangeError(`--logs is ${JSON.stringify(text)}, but must be one of ${LOG_LEVELS.join(", ")}.`);
  return level;
};

const readOverride = (text: string): Override => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined || !/^([^\s:.]+:)?[^\s:.]+(\.[^\s:.]+)*$/.test(key))
    throw new RangeError(`--config is ${JSON.stringify(text)}, but must be KEY=VALUE, such as aws:region=eu-west-1.`);
  return { key, value };
};

/** Agents get what people write, so they must be on this machine. */
const readRuntime = (text: string): [arn: string, url: string] => {
  const [, arn, address = ""] = /^(arn:[^=\s]+)=(\S+)$/.exec(text) ?? [];
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (arn === undefined || url?.protocol !== "http:" || !LOOPBACK_NAMES.includes(url.hostname) || url.href !== `${url.origin}/`)
    throw new RangeError(
      `--runtime is ${JSON.stringify(text)}, but must be ARN=http://127.0.0.1:PORT: the ARN of an AgentCore Runtime, and a port of this machine.`,
    );
  return [arn, url.origin];
};

const readHost = (text: string): string => {
  if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(text))
    throw new RangeError(`--allow-host is ${JSON.stringify(text)}, but must be a host name without a port, such as abc.example.com.`);
  return text.toLowerCase();
};

export type { StartOptions };
export { buildHelp, EX_USAGE, readOptions };
