#!/usr/bin/env node
/**
 * Runs a command while holding a turn in a queue: `slack-fanout dibs run staging --for 30m -- ./deploy.sh`.
 *
 * Plain JavaScript without dependencies, so that a pipeline needs nothing but Node.js 20.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const USAGE = `Usage: slack-fanout dibs run NAME [options] -- COMMAND [ARGUMENT...]

Waits for its turn on NAME, runs the command, and releases NAME, also when it is ended by a signal.

  --for TIME         how long the turn lasts at most, such as 30m (default 1h)
  --reason TEXT      what people see
  --owner NAME       who holds it (default: whoever made the token)
  --wait TIME        gives up when its turn has not come by then, such as 20m (default: waits as long as it takes)
  --dead-after TIME  frees NAME so long after this process was last heard of (default 2m)

SLACK_FANOUT_URL is the stack's output apiUrl, SLACK_FANOUT_TOKEN a token from /dibs token. The command finds DIBS_RESOURCE,
DIBS_CLAIM_ID, DIBS_LEASE_ID, DIBS_FENCING and DIBS_EXPIRES_AT in its environment.

Exits as the command does; 64 when it is called wrongly, 69 when the API is away or refuses, 75 when its turn did not come or was lost.`;

// Source: sysexits.h
const EX_USAGE = 64;
const EX_UNAVAILABLE = 69;
const EX_TEMPFAIL = 75;
/** As a shell exits for a command that there is not. */
const NOT_STARTED = 127;

/** How long one request waits for the turn; the API allows 25. */
const POLL_SECONDS = 20;
/** An answer that has not come by then is lost; the request is made again under the same key. */
const REQUEST_SECONDS = 30;
/** How long an API that is away is asked again. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1000;
/** After a signal nobody waits that long. */
const HURRIED_PATIENCE_MS = 5000;
/** Several heartbeats may be lost before the claim is taken for dead. */
const BEATS_PER_LIFE = 4;
/** How long a command has to end after its turn was lost. */
const GRACE_MS = 10_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 };

class Failure extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

const say = text => process.stderr.write(`dibs: ${text}\n`);

/** Parses "90s", "2m", "1.5h" to seconds. */
const parseSeconds = (option, text) => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (number === undefined || Number(number) === 0)
    throw new Failure(`${option} is "${text}": want a time such as 90s, 30m or 1.5h.`, EX_USAGE);
  return Number(number) * UNITS[unit];
};

/** Tells whether help is asked for, and not by an option of the command's. */
const isHelpAsked = args => {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  return own[0] === "help" || own.includes("--help") || own.includes("-h");
};

const parseArguments = ([group, verb, name, ...rest]) => {
  if (group !== "dibs" || verb !== "run" || name === undefined || name.startsWith("-")) throw new Failure(USAGE, EX_USAGE);
  const end = rest.indexOf("--");
  const command = end === -1 ? [] : rest.slice(end + 1);
  if (command.length === 0) throw new Failure(`There is no command after --.\n\n${USAGE}`, EX_USAGE);
  const options = { "--for": "1h", "--dead-after": "2m" };
  const given = rest.slice(0, end);
  for (let index = 0; index < given.length; index += 2) {
    const [option, value] = given.slice(index, index + 2);
    if (!["--for", "--reason", "--owner", "--wait", "--dead-after"].includes(option) || value === undefined)
      throw new Failure(`I can't read "${option}".\n\n${USAGE}`, EX_USAGE);
    options[option] = value;
  }
  const { SLACK_FANOUT_URL: url, SLACK_FANOUT_TOKEN: token } = process.env;
  if (!url || !token) throw new Failure(`SLACK_FANOUT_URL and SLACK_FANOUT_TOKEN have to be set.\n\n${USAGE}`, EX_USAGE);
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ""))
    throw new Failure(`SLACK_FANOUT_URL is "${url}": want the stack's output apiUrl.`, EX_USAGE);
  return {
    name,
    command,
    url: url.replace(/(?<!\/)\/+$/, ""),
    token,
    claim: {
      for: options["--for"],
      deadAfter: Math.ceil(parseSeconds("--dead-after", options["--dead-after"])),
      ...(options["--reason"] === undefined ? {} : { reason: options["--reason"] }),
      ...(options["--owner"] === undefined ? {} : { owner: options["--owner"] }),
    },
    waitMs: options["--wait"] === undefined ? Number.POSITIVE_INFINITY : parseSeconds("--wait", options["--wait"]) * 1000,
  };
};

/** The API, asked again while it is away. Every request may be repeated: claims carry a key, the rest changes nothing twice. */
class Api {
  constructor(url, token) {
    this.url = url;
    this.token = token;
    this.key = randomUUID();
    this.patientUntilMs = Number.POSITIVE_INFINITY;
  }

  /** Soon gives up asking an API that is away. */
  hurry() {
    this.patientUntilMs = Math.min(this.patientUntilMs, performance.now() + HURRIED_PATIENCE_MS);
  }

  /** Returns the status, the body, and the API's own time. Throws when the API stays away, or refuses. */
  async ask(method, path, { body, accept = [], patienceMs = PATIENCE_MS } = {}) {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      const answer = await this.send(method, path, body).catch(error => ({ status: 0, why: error.cause?.message ?? error.message }));
      const isAway = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!isAway && (answer.status < 400 || accept.includes(answer.status))) return answer;
      const why = answer.why ?? answer.body?.detail ?? answer.body?.title ?? "";
      if (!isAway) throw new Failure(`the API answers ${answer.status}: ${why}`, answer.status === 400 ? EX_USAGE : EX_UNAVAILABLE);
      if (performance.now() > Math.min(untilMs, this.patientUntilMs))
        throw new Failure(`the API is away: ${answer.status || ""} ${why}`, EX_UNAVAILABLE);
      await sleep(PAUSE_MS);
    }
  }

  async send(method, path, body) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json", "idempotency-key": this.key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(REQUEST_SECONDS * 1000),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    const nowMs = Date.parse(response.headers.get("date") ?? "");
    return { status: response.status, body: isJson && text !== "" ? JSON.parse(text) : undefined, nowMs };
  }
}

/** A claim from its making to its release. */
class Run {
  constructor({ name, command, url, token, claim, waitMs }) {
    Object.assign(this, { name, command, claim, waitMs });
    this.api = new Api(url, token);
    this.stopping = new AbortController();
  }

  /** Does it all; returns the exit code. */
  async run() {
    for (const signal of SIGNALS) process.on(signal, () => this.onSignal(signal));
    try {
      const claimed = await this.claimTurn();
      return this.signal === undefined && claimed !== undefined ? await this.work(claimed) : this.exitCodeOfSignal();
    } finally {
      this.stopping.abort();
      clearTimeout(this.beating);
      await this.release();
    }
  }

  onSignal(signal) {
    this.signal ??= signal;
    this.api.hurry();
    // The command may want to clean up; its end ends this process.
    if (this.child !== undefined) this.child.kill(signal);
    else this.stopping.abort();
  }

  exitCodeOfSignal() {
    return 128 + constants.signals[this.signal];
  }

  /** Claims, and waits for the turn; undefined after a signal. */
  async claimTurn() {
    const untilMs = performance.now() + this.waitMs;
    let answer = await this.api.ask("POST", `/resources/${encodeURIComponent(this.name)}/claims`, { body: this.claim });
    this.claimId = answer.body.claimId;
    this.beatAfter(answer);
    let { body } = answer;
    for (let told; body.status === "waiting"; ) {
      if (told !== body.position) say(`number ${body.position} in line for ${this.name}`);
      told = body.position;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw new Failure(`the turn on ${this.name} did not come in time`, EX_TEMPFAIL);
      const seconds = Math.max(1, Math.min(POLL_SECONDS, Math.ceil(leftMs / 1000)));
      const polled = await Promise.race([this.api.ask("GET", `/claims/${this.claimId}?wait=${seconds}`), aborted(this.stopping.signal)]);
      if (polled === undefined) return undefined;
      answer = polled;
      body = answer.body;
    }
    if (body.status !== "holding") throw new Failure(`the claim on ${this.name} is ${body.status}`, EX_TEMPFAIL);
    this.leaseId = body.leaseId;
    this.beatAfter(answer);
    return body;
  }

  /** Runs the command during the turn. */
  async work({ claimId, leaseId = "", fencing, expiresAt }) {
    say(`holding ${this.name} until ${expiresAt}`);
    const [file, ...args] = this.command;
    const turn = {
      DIBS_RESOURCE: this.name,
      DIBS_CLAIM_ID: claimId,
      DIBS_LEASE_ID: leaseId,
      DIBS_FENCING: String(fencing),
      DIBS_EXPIRES_AT: expiresAt,
    };
    this.child = spawn(file, args, { stdio: "inherit", env: { ...process.env, ...turn } });
    const { code, signal } = await new Promise((resolve, reject) => {
      this.child.on("error", error => reject(new Failure(`${file}: ${error.message}`, NOT_STARTED)));
      this.child.on("exit", (code, signal) => resolve({ code, signal }));
    });
    if (this.lost !== undefined) throw new Failure(this.lost, EX_TEMPFAIL);
    return signal === null ? code : 128 + constants.signals[signal];
  }

  get pauseMs() {
    return (this.claim.deadAfter * 1000) / BEATS_PER_LIFE;
  }

  /** Plans the next heartbeat: at the turn's end, by the API's clock, where that comes before the usual pause is over. */
  beatAfter({ body, nowMs } = {}) {
    const leftMs = Date.parse(body?.expiresAt) - nowMs;
    clearTimeout(this.beating);
    this.beating = setTimeout(() => this.beat(), leftMs > 0 ? Math.min(leftMs, this.pauseMs) : this.pauseMs).unref();
  }

  /** Tells the API that this process lives; ends the command when the turn is lost. */
  async beat() {
    let answer;
    try {
      answer = await this.api.ask("PUT", `/claims/${this.claimId}/heartbeat`, { accept: [404, 409], patienceMs: this.pauseMs });
    } catch (error) {
      // The next heartbeat may come through; if none does, the claim ends by itself.
      say(error.message);
    }
    if (this.stopping.signal.aborted) return;
    if (answer?.status === 404 || answer?.status === 409) this.lose();
    else this.beatAfter(answer);
  }

  lose() {
    this.lost = `the turn on ${this.name} is over; the command is ended, since somebody else may hold it now`;
    this.child?.kill("SIGTERM");
    setTimeout(() => this.child?.kill("SIGKILL"), GRACE_MS).unref();
  }

  async release() {
    if (this.claimId === undefined) return;
    const lease = this.leaseId === undefined ? "" : `?leaseId=${encodeURIComponent(this.leaseId)}`;
    try {
      await this.api.ask("DELETE", `/claims/${this.claimId}${lease}`, { accept: [404, 409] });
    } catch (error) {
      say(`${this.name} is not released, and frees itself soon: ${error.message}`);
    }
  }
}

const aborted = signal =>
  new Promise(resolve => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });

try {
  const args = process.argv.slice(2);
  if (isHelpAsked(args)) process.stdout.write(`${USAGE}\n`);
  else process.exitCode = await new Run(parseArguments(args)).run();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
// Signals are handled and requests may still wait; nothing that matters is left to do.
process.exit();
