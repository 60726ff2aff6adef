import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import sinon from "sinon";
import { runScript } from "../../scripts/command-line";

const ROOT = join(__dirname, "../..");

interface Endpoints {
  page: string;
  api: string;
  aws: string;
  slack: string;
  mail: string;
  region: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the program exports.
  outputs: Record<string, any>;
}

/** The relay runs every minute and finishes messages that are older than ten seconds. */
const relaySeconds = 75;
/** Enough for retries of several functions of a pipeline, one after another, and for a failed run of the relay. */
const relayRuns = 12;

/** Longer than any work of a test takes on a busy machine, except waiting for a turn, which may take forever. */
const longestWorkMs = 20_000;

/** Enough for a start with an empty cache on a busy machine. */
const startLimitMs = 120_000;

interface Operated {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** The operator's commands that have run. */
const operated = new Set<string>();

/** The laptop cloud as `npm start` runs it: a separate process that signals end. */
class LaptopProcess {
  #child: ChildProcess | undefined;
  #output = "";
  endpoints!: Endpoints;

  constructor(
    /** Its state, from its first start to `remove`. */
    readonly directory = join(tmpdir(), `slack-fanout-laptop-${randomUUID()}`),
    /** The checkout that it runs. */
    private readonly root = ROOT,
  ) {}

  static async create(root?: string): Promise<LaptopProcess> {
    return new LaptopProcess(await mkdtemp(join(tmpdir(), "slack-fanout-laptop-")), root);
  }

  /** Everything that it printed. */
  get output() {
    return this.#output;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Throws with its output if it exits before it is ready. */
  async start(...args: string[]): Promise<this> {
    await rm(join(this.directory, "endpoints.json"), { force: true });
    this.#output = "";
    const child = spawn(process.execPath, ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", "laptop.ts", ...args], {
      cwd: this.root,
      env: { ...process.env, PORT: "0", AWS_PORT: "0", LOCAL_DIR: this.directory },
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own, as a terminal creates for each command.
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", chunk => (this.#output += chunk));
    const file = join(this.directory, "endpoints.json");
    try {
      await eventually(() => child.exitCode !== null || existsSync(file), startLimitMs);
    } catch (error) {
      // The caller has nothing yet that it could end.
      await this.end("SIGKILL", "group");
      throw error;
    }
    if (child.exitCode !== null) throw new Error(`the laptop cloud ended with ${child.exitCode}:\n${this.#output}`);
    this.endpoints = JSON.parse(readFileSync(file, "utf8")) as Endpoints;
    return this;
  }

  /** Configuration of any stock SDK client. */
  get client() {
    const { aws: endpoint, region } = this.endpoints;
    return { endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  }

  /** Ctrl-C: the signal reaches the functions' processes too. */
  interrupt() {
    return this.end("SIGINT", "group");
  }

  /** Resolves with the exit code, or null after a signal that left no time for one. */
  async end(signal: NodeJS.Signals = "SIGTERM", reach: "process" | "group" = "process"): Promise<number | null> {
    if (!this.isRunning) return this.#child?.exitCode ?? null;
    const child = this.#child!;
    const ended = once(child, "exit");
    process.kill(reach === "group" ? -child.pid! : child.pid!, signal);
    await ended;
    return child.exitCode;
  }

  async remove() {
    await this.end("SIGKILL");
    // Functions may outlive the cloud for a moment and still write.
    await rm(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  /** Runs an operator's command. The first time as `npm run` does, later in this process, which then has its modules already. */
  async operate(name: string, ...args: string[]): Promise<Operated> {
    const isFirst = !operated.has(name);
    operated.add(name);
    return isFirst ? this.#operateApart(name, args) : this.#operateHere(name, args);
  }

  async #operateApart(name: string, args: string[]): Promise<Operated> {
    const run = promisify(execFile)(
      process.execPath,
      ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", `scripts/${name}.ts`, ...args],
      { cwd: this.root, env: { ...process.env, LOCAL_DIR: this.directory } },
    );
    const { stdout, stderr, code } = await run.then(
      output => ({ ...output, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => error,
    );
    return { stdout: stdout.trim(), stderr: stderr.trim(), exitCode: code };
  }

  async #operateHere(name: string, args: string[]): Promise<Operated> {
    const { script } = require(join(ROOT, `scripts/${name}.ts`)) as { script: Parameters<typeof runScript>[0] };
    const { LOCAL_DIR } = process.env;
    process.env["LOCAL_DIR"] = this.directory;
    const [stdout, stderr] = [sinon.stub(console, "log"), sinon.stub(console, "error")];
    try {
      await runScript(script, args);
      return { stdout: stdout.args.flat().join("\n"), stderr: stderr.args.flat().join("\n"), exitCode: Number(process.exitCode ?? 0) };
    } finally {
      stdout.restore();
      stderr.restore();
      process.exitCode = undefined;
      if (LOCAL_DIR === undefined) delete process.env["LOCAL_DIR"];
      else process.env["LOCAL_DIR"] = LOCAL_DIR;
    }
  }

  async control(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.endpoints.page}/control/${path}`, body === undefined ? {} : postOf(body));
    if (!response.ok) throw new Error(`/control/${path} answers ${response.status}: ${await response.text()}`);
    return response.json();
  }

  async advance(advanceSeconds: number) {
    await this.control("clock", { advanceSeconds });
  }

  async nowMs(): Promise<number> {
    return ((await this.control("clock")) as { nowMs: number }).nowMs;
  }

  /** A delivery of the outgoing webhook, as Slack makes it. */
  async webhook(fields: Record<string, string>): Promise<Response> {
    const form = {
      token: "local-verification-token",
      team_id: "T0001",
      channel_id: "C0001",
      user_id: "U0001",
      user_name: "ann",
      trigger_word: "awsadvent",
      ...fields,
    };
    return fetch(this.endpoints.outputs["webhookUrl"], { method: "POST", body: new URLSearchParams(form) });
  }

  /** A delivery of the Events API, signed as Slack signs. */
  async event(event: object, eventId: string, headers: Record<string, string> = {}): Promise<Response> {
    const body = JSON.stringify({
      token: "local-verification-token",
      team_id: "T0001",
      api_app_id: "A0001",
      type: "event_callback",
      event_id: eventId,
      event_time: 1763805600,
      authorizations: [{ team_id: "T0001", user_id: "UBOT01", is_bot: true }],
      event: { type: "message", channel: "C0001", channel_type: "channel", user: "U0001", ...event },
    });
    return fetch(this.endpoints.outputs["eventsUrl"], {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...(await this.sign(body)), ...headers },
    });
  }

  /** A slash command, signed as Slack signs. */
  async command(command: string, text: string, fields: Record<string, string> = {}): Promise<Response> {
    const body = new URLSearchParams({
      command,
      text,
      team_id: "T0001",
      channel_id: "C0001",
      user_id: "U0001",
      api_app_id: "A0001",
      trigger_id: `${Date.now()}.1`,
      response_url: `${this.endpoints.slack}/commands/T0001/1/x`,
      ...fields,
    }).toString();
    return fetch(this.endpoints.outputs["commandsUrl"], {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded", ...(await this.sign(body)) },
    });
  }

  /**
   * Waits for `check` as `eventually` does, and moves time forward if it doesn't hold. If a busy machine delays a function, Lambda's retries
   * (after one minute, then two) and the relay (every minute) finish its work. Fails with the last error.
   */
  async settles<T>(check: () => T | Promise<T>, firstWaitMs = 5000) {
    for (let waits = 1; ; waits += 1) {
      try {
        return await eventually(check, Math.min(firstWaitMs * waits, longestWorkMs));
      } catch (error) {
        if (waits > relayRuns) throw error;
        await this.rest();
        await this.advance(relaySeconds);
      }
    }
  }

  /** Waits until no function is running, or one runs for long. Moving time while a function runs would look like a timeout to its caller. */
  async rest() {
    const isQuiet = async () => ((await this.control("invocations")) as object[]).length === 0;
    await eventually(isQuiet, longestWorkMs).catch(() => undefined);
  }

  async sign(body: string, secret = "local-signing-secret"): Promise<Record<string, string>> {
    const timestamp = String(Math.floor((await this.nowMs()) / 1000));
    const hmac = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
    return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${hmac}` };
  }
}

/** Delivers as Slack does: retries if the door had no time left to store the message. */
const untilTaken = (deliver: () => Promise<Response>): Promise<Response> =>
  eventually(async () => {
    const response = await deliver();
    return response.status === 503 ? undefined : response;
  });

const postOf = (body: object) => ({ method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

export type { Endpoints };
export { LaptopProcess, postOf, relaySeconds, untilTaken };
