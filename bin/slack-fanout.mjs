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

  --for TIME         how long the turn lasts at most, such as 30m or 1h30m, or "open": until the command ends (default 1h)
  --reason TEXT      what people see
  --owner NAME       who holds it (default: whoever made the token)
  --wait TIME        gives up when its turn has not come by then, such as 20m (default: waits as long as it takes)
  --dead-after TIME  frees NAME so long after this process was last heard of (default 2m)

slack-fanout --version and --help do nothing else. --for=30m is the same as --for 30m; an empty value is none.

SLACK_FANOUT_URL is the stack's output apiUrl, SLACK_FANOUT_TOKEN a token from /dibs token. The command finds DIBS_RESOURCE,
DIBS_CLAIM_ID, DIBS_LEASE_ID, DIBS_FENCING and DIBS_EXPIRES_AT in its environment.

Exits as the command does; 64 when it is called wrongly, 69 when the API is away or refuses, 75 when its turn did not come or was lost, 126 when
the command can't be executed, 127 when there is no such command.`;

/** The package's, which a copied file does not have beside it. */
const VERSION = "0.1.0";

// Source: sysexits.h
const EX_USAGE = 64;
const EX_UNAVAILABLE = 69;
const EX_TEMPFAIL = 75;
/** As a shell exits for a command that it may not execute, and for one that there is not. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/** The API's rule for names of resources. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63}$/u;
/** The API takes no longer reason. It is for people to read, so a long one is shortened and stops no deployment. */
const MAX_REASON_CHARACTERS = 200;

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
const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const OPTIONS = ["--for", "--reason", "--owner", "--wait", "--dead-after"];

class Failure extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

const say = text => process.stderr.write(`dibs: ${text}\n`);

/** Parses "90s", "2m", "1.5h", "1h30m" and "1h 30" to seconds. */
const parseSeconds = (option, text) => {
  const compact = text.toLowerCase().replace(/\s+/g, "");
  const parts = [...compact.matchAll(/(\d+(?:\.\d+)?)([a-z]*)/g)];
  const seconds = parts.map(([, number, unit], index) => Number(number) * (UNITS[unitOf(unit, parts[index - 1]?.[2])] ?? Number.NaN));
  const sum = seconds.reduce((total, each) => total + each, 0);
  if (parts.map(([part]) => part).join("") !== compact || !(sum > 0) || !Number.isFinite(sum))
    throw new Failure(`${option} is "${text}": want a time such as 90s, 30m, 1.5h or 1h30m.`, EX_USAGE);
  return sum;
};

/** The letter of a unit that may be written out; a number alone after hours is minutes. */
const unitOf = (unit, before) => {
  if (unit === "") return before !== undefined && unitOf(before) === "h" ? "m" : undefined;
  return /^(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)$/.test(unit) ? unit[0] : undefined;
};

/** Reads `--for 30m` and `--for=30m`; an empty value is none, as CI systems write variables that are not set. */
const parseOptions = given => {
  const options = {};
  for (let index = 0; index < given.length; index += 1) {
    const [option, ...rest] = given[index].split("=");
    const value = rest.length > 0 ? rest.join("=") : given[++index];
    if (!OPTIONS.includes(option)) throw new Failure(`I can't read "${given[index]}".\n\n${USAGE}`, EX_USAGE);
    if (value === undefined) throw new Failure(`There is no value after ${option}.\n\n${USAGE}`, EX_USAGE);
    if (value.trim() !== "") options[option] = value;
  }
  return options;
};

/** Builds a reason that the API takes. */
const shortenReason = reason => {
  const characters = Array.from(reason);
  if (characters.length <= MAX_REASON_CHARACTERS) return reason;
  return `${characters.slice(0, MAX_REASON_CHARACTERS - 3).join("")}...`;
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
  if (!NAME.test(name))
    throw new Failure(
      `"${name}" can't be the name of a resource: letters, digits, dots, hyphens and underscores, a letter or digit first, 64 characters at most.`,
      EX_USAGE,
    );
  const options = { "--for": "1h", "--dead-after": "2m", ...parseOptions(rest.slice(0, end)) };
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
      ...(options["--reason"] === undefined ? {} : { reason: shortenReason(options["--reason"]) }),
      ...(options["--owner"] === undefined ? {} : { owner: options["--owner"] }),
    },
    waitMs: options["--wait"] === undefined ? Number.POSITIVE_INFINITY : parseSeconds("--wait", options["--wait"]) * 1000,
  };
};

/** Undefined for what is no JSON. */
const parseJson = text => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
      if (accept.includes(answer.status) || answer.status === 204) return answer;
      if (answer.status >= 200 && answer.status < 300 && typeof answer.body?.claimId === "string") return answer;
      if (!isAway && answer.status < 400)
        throw new Failure(
          `${this.url} answers ${answer.status} with ${answer.type}, and not as the API does: is SLACK_FANOUT_URL right?`,
          EX_UNAVAILABLE,
        );
      const why = answer.why ?? answer.body?.detail ?? answer.body?.title ?? answer.type ?? "";
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
      // The token goes nowhere else.
      redirect: "manual",
      signal: AbortSignal.timeout(REQUEST_SECONDS * 1000),
    });
    const type = response.headers.get("content-type") ?? "no content type";
    const nowMs = Date.parse(response.headers.get("date") ?? "");
    return { status: response.status, type, body: parseJson(await response.text()), nowMs };
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
    if (this.child === undefined) this.stopping.abort();
    // The command may want to clean up; its end ends this process. A terminal has sent Ctrl-C to both of us already.
    else if (signal !== "SIGINT" || this.hasOwnGroup) this.tell(signal);
  }

  /** Sends the command a signal: with all that it has started, where it has a process group of its own. */
  tell(signal) {
    try {
      process.kill(this.hasOwnGroup ? -this.child.pid : this.child.pid, signal);
    } catch (error) {
      // It has just ended.
      if (error.code !== "ESRCH") throw error;
    }
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
    say(`holding ${this.name} until ${expiresAt ?? "the command ends"}`);
    const [file, ...args] = this.command;
    const turn = {
      DIBS_RESOURCE: this.name,
      DIBS_CLAIM_ID: claimId,
      DIBS_LEASE_ID: leaseId,
      DIBS_FENCING: String(fencing),
      DIBS_EXPIRES_AT: expiresAt ?? "",
    };
    // At a terminal the command stays in our group, or it could not read what is typed. Elsewhere it gets its own, so that a signal to our group
    // reaches it once, by way of us.
    this.hasOwnGroup = !process.stdin.isTTY;
    this.child = spawn(file, args, { stdio: "inherit", env: { ...process.env, ...turn }, detached: this.hasOwnGroup });
    const { code, signal } = await new Promise((resolve, reject) => {
      this.child.on("error", error =>
        reject(new Failure(`${file}: ${error.message}`, error.code === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE)),
      );
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
    if (this.child === undefined) return;
    this.tell("SIGTERM");
    setTimeout(() => this.tell("SIGKILL"), GRACE_MS).unref();
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
  if (args[0] === "--version") process.stdout.write(`slack-fanout ${VERSION}\n`);
  else if (isHelpAsked(args)) process.stdout.write(`${USAGE}\n`);
  else process.exitCode = await new Run(parseArguments(args)).run();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
// Signals are handled and requests may still wait; nothing that matters is left to do.
process.exit();
