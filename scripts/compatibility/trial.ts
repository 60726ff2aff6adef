/** Starts the laptop cloud on one example, and reports what happens. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

type Outcome = "works" | "refused" | "needs a change";

/** One row of the table. */
interface Row {
  /** The example's folder. */
  name: string;
  outcome: Outcome;
  /** A short sentence. */
  reason: string;
  /** How many resources the program declares, if the laptop cloud imitates all of them. */
  resources?: number;
  /** Packages that ran with another major version than the example wants. */
  versions?: string[];
}

type Verdict = Pick<Row, "outcome" | "reason">;

interface TrialOptions {
  /** The program's folder in the checkout. It stays as it is. */
  source: string;
  /** The folder with the installed packages, in which a copy of the program runs. */
  folder: string;
  /** As in `--config`. */
  settings: string[];
  call?: Call;
}

/** A request to a running program, and the answer that shows that it works. */
interface Call {
  /** Invokes the function of this name, instead of a request to the program's address. */
  invoke?: string;
  /** Appended to the first output that is an address of the program. */
  path?: string;
  method?: string;
  body?: string;
  /** The status of the answer. Default: 200. */
  status?: number;
  /** Why another status than 200 is right, after "since". */
  since?: string;
}

interface Endpoints {
  page: string;
  aws: string;
  region: string;
  outputs: Record<string, unknown>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 6000;
const CALL_LIMIT_MS = 20_000;
const POLL_MS = 100;

/** What a folder with installed packages keeps when another program moves in. */
const PACKAGES = "node_modules";

/** Where the laptop cloud is installed. */
const COMMAND = `${PACKAGES}/@slack-fanout/laptop-cloud/dist/bin.js`;

class Trial {
  readonly #state: string;

  constructor(private readonly options: TrialOptions) {
    this.#state = join(options.folder, ".state");
  }

  async run(): Promise<Omit<Row, "name">> {
    await this.#moveIn();
    const child = this.#spawn();
    let errors = "";
    child.stderr.on("data", chunk => (errors += chunk));
    try {
      const endpoints = await this.#waitForEndpoints(child);
      if (endpoints !== undefined) return await judge(endpoints, this.options.call).catch(toVerdict);
      if (hasEnded(child)) return judgeErrors(errors);
      return { outcome: "needs a change", reason: `It is not ready after ${START_LIMIT_MS / 1000} s.` };
    } finally {
      await stop(child);
    }
  }

  /** Takes the place of the program that ran before. */
  async #moveIn() {
    const { source, folder } = this.options;
    const before = (await readdir(folder)).filter(name => name !== PACKAGES);
    for (const name of before) await rm(join(folder, name), { recursive: true, force: true });
    await cp(source, folder, { recursive: true });
    await mkdir(this.#state);
  }

  /** Without the environment of this process, which may hold credentials. */
  #spawn() {
    const { folder, settings } = this.options;
    return spawn(process.execPath, [join(folder, COMMAND), ...settings.flatMap(setting => ["--config", setting])], {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: this.#state, PORT: "0", AWS_PORT: "0", LOCAL_DIR: this.#state },
      stdio: ["ignore", "ignore", "pipe"],
    });
  }

  async #waitForEndpoints(child: ChildProcess): Promise<Endpoints | undefined> {
    const deadlineMs = performance.now() + START_LIMIT_MS;
    while (performance.now() < deadlineMs && !hasEnded(child)) {
      const text = await readFile(join(this.#state, "endpoints.json"), "utf8").catch(() => undefined);
      if (text !== undefined) return JSON.parse(text) as Endpoints;
      await sleep(POLL_MS);
    }
    return undefined;
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

const stop = async (child: ChildProcess) => {
  if (hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
};

/** A call got no answer. */
const toVerdict = (error: Error): Verdict => ({ outcome: "needs a change", reason: `A call fails: ${error.message}.` });

/** A ready laptop cloud must have resources, and answer a call if the program has an address. */
const judge = async (endpoints: Endpoints, call: Call = {}): Promise<Omit<Row, "name">> => {
  const inventory = (await (await fetch(`${endpoints.page}/control/inventory`)).json()) as { resources: unknown[] };
  const resources = inventory.resources.length;
  if (resources === 0) return { outcome: "needs a change", reason: "It declares no resources, so there is nothing to try.", resources };
  const verdict = call.invoke === undefined ? await callAddress(endpoints, call) : await invoke(endpoints, call.invoke);
  return { ...verdict, resources };
};

const callAddress = async ({ page, outputs }: Endpoints, call: Call): Promise<Verdict> => {
  const { host } = new URL(page);
  const address = Object.values(outputs).find(output => typeof output === "string" && output.includes(host));
  if (address === undefined) return { outcome: "works", reason: "Its resources are there; it has no address to call." };
  const { path = "", method = "GET", body, status = 200, since } = call;
  const url = `http://${String(address).replace(/^http:\/\/|\/$/g, "")}${path}`;
  const response = await fetch(url, { method, body, signal: AbortSignal.timeout(CALL_LIMIT_MS), redirect: "manual" });
  const answer = `${method} ${new URL(url).pathname} answers ${response.status}`;
  if (response.status !== status) return { outcome: "needs a change", reason: `${answer}, not ${status}${await explainDenial(page)}.` };
  return { outcome: "works", reason: `${answer}${since === undefined ? "" : `, since ${since}`}.` };
};

/** The call that a role of the program was denied, if any. */
const explainDenial = async (page: string): Promise<string> => {
  const { denials } = (await (await fetch(`${page}/control/permissions`)).json()) as { denials: { who: string; action: string }[] };
  const [denial] = denials;
  return denial === undefined ? "" : `: its role ${denial.who} lacks ${denial.action}`;
};

const invoke = async ({ aws: endpoint, region }: Endpoints, name: string): Promise<Verdict> => {
  const client = new LambdaClient({ endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName: name, Payload: "{}" }));
  if (FunctionError !== undefined) {
    const { errorMessage } = JSON.parse(Payload!.transformToString()) as { errorMessage: string };
    return { outcome: "needs a change", reason: `The function ${name} fails: ${errorMessage.split("\n")[0]}.` };
  }
  return { outcome: "works", reason: `The function ${name} answers.` };
};

/** Decides by what was printed: the last sentence, before its stack trace. Only a sentence is a refusal. */
const judgeErrors = (errors: string): Verdict => {
  const missing = /Cannot find (?:module|package) '([^'./][^']*)'/.exec(errors)?.[1];
  if (missing !== undefined) return { outcome: "needs a change", reason: `The package ${missing} can't be installed.` };
  const lines = errors.trimEnd().split("\n");
  const last = lines[lines.findLastIndex(line => !/^\s+at |^\s*$/.test(line))] ?? "It ended without a word.";
  // Some refusals list what is imitated.
  const reason = last.replace(/ It knows .*$/, "");
  return { outcome: REFUSAL.test(reason) && !DEPRECATED.test(reason) ? "refused" : "needs a change", reason };
};

/** `"NAME" is a TYPE, which the laptop cloud does not imitate.` or `"NAME" (TYPE): REASON` */
const REFUSAL = /the laptop cloud does not imitate|^"[^"]+" \([\w-]+:[\w/-]+:\w+\): /;

/** What AWS itself no longer accepts. */
const DEPRECATED = /which AWS has deprecated/;

export type { Call, Outcome, Row };
export { judgeErrors, Trial };
