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

/** The version in package.json, repeated here because this file may be copied alone. */
const VERSION = "0.1.0";

const USAGE = `Usage: slack-fanout dibs run NAME [options] -- COMMAND [ARGUMENT...]

Waits for a turn on NAME, runs the command, and releases NAME, even if a signal ends the command.

  --for TIME         the longest that the turn may last, such as 30m or 1h30m (default 1h); "open" has no end
  --reason TEXT      the reason that people see; shortened to 200 characters
  --owner NAME       the holder that people see (default: the person who created the token)
  --wait TIME        the longest to wait for the turn, such as 20m (default: no limit)
  --dead-after TIME  how long after the last heartbeat NAME is released (default 2m)
  --help, --version

--for=30m is the same as --for 30m. An empty value counts as absent.

Set SLACK_FANOUT_URL to the stack output apiUrl, and SLACK_FANOUT_TOKEN to a token from /dibs token. The command's environment has
DIBS_RESOURCE, DIBS_CLAIM_ID, DIBS_LEASE_ID, DIBS_FENCING and DIBS_EXPIRES_AT (empty for an open turn).

The exit code is the command's, or 64 if the command line is wrong, 69 if the API is unreachable or refuses the request, 75 if the turn
did not come in time or was lost, 126 if the command can't be executed, 127 if it is not found.`;

const SEE_HELP = "--help shows what you can write";

// Source: sysexits.h
const EX_USAGE = 64;
const EX_UNAVAILABLE = 69;
const EX_TEMPFAIL = 75;
/** The exit codes of shells for a command that can't be executed, and for one that is not found. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

const OPTIONS = ["--for", "--reason", "--owner", "--wait", "--dead-after"];
const DEFAULTS = { "--for": "1h", "--dead-after": "2m" };

/** The API's rule for names: letters and digits of any script, then also dots, hyphens and underscores. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u;
const MAX_NAME_CHARACTERS = 64;
const RESERVED_NAME = "all";
const MAX_REASON_CHARACTERS = 200;

/** How long one request waits for the turn; the API allows 25. */
const POLL_SECONDS = 20;
/** A request without an answer after this time is repeated with the same key. */
const REQUEST_SECONDS = 30;
/** How long requests to an unreachable API are repeated. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1000;
/** The same, after a signal. */
const HURRIED_PATIENCE_MS = 5000;
/** Several heartbeats may be lost before the claim counts as dead. */
const BEATS_PER_LIFE = 4;
/** How long a command may take to end after its turn was lost. */
const GRACE_MS = 10_000;
const SIGNALS = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"];
/** How long to wait for the witness to report a signal. */
const WITNESS_MS = 500;
/** Prints the name of each signal that it receives, and exits when its standard input closes. */
const WITNESS_SCRIPT = `${SIGNALS.map(signal => `trap 'echo ${signal}; told=1' ${signal.slice(3)}`).join("; ")}
while read -r line || [ -n "$told" ]; do told=; done`;

// biome-ignore format: one list
const NUMBERS = {
  a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, eleven: 11, twelve: 12, fifteen: 15,
  twenty: 20, thirty: 30, forty: 40, "forty-five": 45, fifty: 50, sixty: 60, ninety: 90,
};
const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
/** A number, its unit, and the separator before the next part: "1h", "30 minutes, ", "2 hours and ". The first letter determines the unit. */
const PART =
  /^(\d{1,9}(?:\.\d{1,6})?|\.\d{1,6})\s*(s(?:ecs?|econds?)?|m(?:ins?|inutes?)?|h(?:rs?|ours?)?|d(?:ays?)?|w(?:eeks?)?)(?![a-z])\.?[\s,]*(?:and\s+)?/;

class Failure extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** On a terminal, the command stays in the foreground, so both it and this process receive Ctrl-C. */
const hasTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);

const say = text => process.stderr.write(`dibs: ${text}\n`);

/** Writes the words of a time as numbers: "half an hour", "an hour and a half", "two hours", and "1h30", whose minutes have no unit. */
const spellOut = text =>
  text
    .trim()
    .toLowerCase()
    .replace(/\b(?:an?|one) hours? and a half\b/, "90m")
    .replace(/\bhalf an hour\b/, "30m")
    .replace(/\bhalf a day\b/, "12h")
    .replace(/\b[a-z][a-z-]*\b/g, word => (Object.hasOwn(NUMBERS, word) ? NUMBERS[word] : word))
    .replace(/(\dh\s?)(\d{1,2})$/, "$1$2m");

/** Parses a time as the API does, "90s", "1.5h", "1h30m" or "2 hours and 5 minutes", to seconds. */
const parseSeconds = (option, text) => {
  let rest = spellOut(text);
  let seconds = 0;
  while (rest !== "") {
    const [part, number, unit] = PART.exec(rest) ?? [];
    if (part === undefined) break;
    seconds += Number(number) * UNIT_SECONDS[unit[0]];
    rest = rest.slice(part.length);
  }
  if (rest !== "" || seconds === 0) throw new Failure(`${option} is "${text}", but must be a time such as 90s, 30m or 1h30m.`, EX_USAGE);
  return seconds;
};

/** Parses a name by the API's rule, before the first request. */
const parseName = text => {
  const isShort = Array.from(text).length <= MAX_NAME_CHARACTERS;
  // Longer texts are not normalized, because that can take long.
  const name = isShort ? text.toWellFormed().normalize("NFKC").toLowerCase() : "";
  if (NAME.test(name) && name !== RESERVED_NAME) return text;
  throw new Failure(
    `"${text}" can't be the name of a resource. A name has at most ${MAX_NAME_CHARACTERS} letters, digits, dots, hyphens and underscores, begins with a letter or digit, and is not "${RESERVED_NAME}".`,
    EX_USAGE,
  );
};

/** Shortens a reason to one line. A reason that is too long must not stop the work. */
const shortenReason = text => {
  const characters = Array.from(text.replace(/[\s\p{Cc}]+/gu, " ").trim());
  return characters.length <= MAX_REASON_CHARACTERS ? characters.join("") : `${characters.slice(0, MAX_REASON_CHARACTERS - 3).join("")}...`;
};

/** Tells whether an option is among our own arguments, not among the command's. */
const isAsked = (args, ...options) => {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  return own.some((argument, index) => options.includes(argument) && (argument.startsWith("-") || index === 0));
};

/**
 * Reads the name, `--option value` and `--option=value`, in any order. An empty value, such as an unset variable leaves in a pipeline, counts
 * as absent.
 */
const parseOptions = given => {
  const options = { ...DEFAULTS };
  let name;
  const left = [...given];
  while (left.length > 0) {
    const argument = left.shift();
    if (name === undefined && !argument.startsWith("-")) {
      name = argument;
      continue;
    }
    const [, option, attached] = /^(--[^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
    if (!OPTIONS.includes(option)) throw new Failure(`Unknown option "${argument}"; ${SEE_HELP}.`, EX_USAGE);
    const value = attached ?? left.shift();
    if (value === undefined) throw new Failure(`${option} needs a value; ${SEE_HELP}.`, EX_USAGE);
    if (value.trim() !== "") options[option] = value;
  }
  return { name, options };
};

/** Reads the API's address and the token. Secrets in pipelines often end with a line break. */
const parseEnvironment = ({ SLACK_FANOUT_URL = "", SLACK_FANOUT_TOKEN = "" }) => {
  const [url, token] = [SLACK_FANOUT_URL.trim(), SLACK_FANOUT_TOKEN.trim()];
  if (url === "" || token === "") throw new Failure(`Set SLACK_FANOUT_URL and SLACK_FANOUT_TOKEN; ${SEE_HELP}.`, EX_USAGE);
  if (URL.canParse(url) && (new URL(url).username !== "" || new URL(url).password !== ""))
    throw new Failure("SLACK_FANOUT_URL contains a user name or a password, but must be the stack's output apiUrl.", EX_USAGE);
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ""))
    throw new Failure(`SLACK_FANOUT_URL is "${url}", but must be the stack's output apiUrl.`, EX_USAGE);
  if (/[^\x21-\x7e]/.test(token))
    throw new Failure("SLACK_FANOUT_TOKEN has characters that tokens can't contain. Get a token with /dibs token.", EX_USAGE);
  return { url: url.replace(/\/+$/, ""), token };
};

const parseArguments = ([group, verb, ...rest]) => {
  if (group === undefined) throw new Failure(USAGE, EX_USAGE);
  if (group !== "dibs" || verb !== "run") throw new Failure(`Unknown command "${[group, verb].join(" ").trim()}"; ${SEE_HELP}.`, EX_USAGE);
  const end = rest.indexOf("--");
  const command = end === -1 ? [] : rest.slice(end + 1);
  if (command.length === 0) throw new Failure(`The command is missing. Write dibs run NAME -- COMMAND; ${SEE_HELP}.`, EX_USAGE);
  const { name, options } = parseOptions(rest.slice(0, end));
  if (name === undefined) throw new Failure(`The name of a resource is missing. Write dibs run NAME -- COMMAND; ${SEE_HELP}.`, EX_USAGE);
  return {
    name: parseName(name),
    command,
    ...parseEnvironment(process.env),
    claim: {
      for: options["--for"],
      deadAfter: Math.ceil(parseSeconds("--dead-after", options["--dead-after"])),
      ...(options["--reason"] === undefined ? {} : { reason: shortenReason(options["--reason"]) }),
      ...(options["--owner"] === undefined ? {} : { owner: options["--owner"] }),
    },
    waitMs: options["--wait"] === undefined ? Number.POSITIVE_INFINITY : parseSeconds("--wait", options["--wait"]) * 1000,
  };
};

/** The API. Requests are repeated while it is unreachable. That is safe: claims carry an idempotency key, and all other requests are idempotent. */
class Api {
  constructor(url, token) {
    this.url = url;
    this.token = token;
    this.key = randomUUID();
    this.patientUntilMs = Number.POSITIVE_INFINITY;
  }

  /** Gives up soon if the API is unreachable. */
  hurry() {
    this.patientUntilMs = Math.min(this.patientUntilMs, performance.now() + HURRIED_PATIENCE_MS);
  }

  /** Returns the status, the body and the API's time. Throws when the API stays unreachable or refuses the request. */
  async ask(method, path, { body, accept = [], patienceMs = PATIENCE_MS } = {}) {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      const answer = await this.send(method, path, body).catch(error => ({ status: 0, why: error.cause?.message ?? error.message }));
      const isUnreachable = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      const isExpected = answer.isOurs || (accept.includes(answer.status) && isObject(answer.body));
      if (!isUnreachable && isExpected) return answer;
      const why = answer.why ?? describeAnswer(answer);
      if (!isUnreachable) throw new Failure(`the API answers ${why}`, answer.status === 400 ? EX_USAGE : EX_UNAVAILABLE);
      if (performance.now() > Math.min(untilMs, this.patientUntilMs)) throw new Failure(`the API is unreachable: ${why}`, EX_UNAVAILABLE);
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
      // The token must not go to any other address.
      redirect: "manual",
      signal: AbortSignal.timeout(REQUEST_SECONDS * 1000),
    });
    const { status, headers } = response;
    const answered = parseBody(await response.text());
    return {
      status,
      type: headers.get("content-type") ?? "no content type",
      body: answered,
      isOurs: status === 204 || (status >= 200 && status < 300 && isClaim(answered)),
      nowMs: Date.parse(headers.get("date") ?? ""),
    };
  }
}

const parseBody = text => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value);

/** Tells whether a response describes a claim. Proxies and sign-in pages answer 200 too. */
const isClaim = body => {
  if (!isObject(body) || typeof body.claimId !== "string" || typeof body.status !== "string") return false;
  if (body.status === "holding") return Number.isInteger(body.fencing);
  return body.status !== "waiting" || Number.isInteger(body.position);
};

/** Describes an unexpected response: the API's own sentence, or the content type. */
const describeAnswer = ({ status, type, body }) => {
  const sentence = isObject(body) ? (body.detail ?? body.title) : undefined;
  if (typeof sentence === "string") return `${status}: ${sentence}`;
  return `${status} with ${type}; is SLACK_FANOUT_URL the stack's output apiUrl?`;
};

/** A process in this one's group. It shows whether a signal went to the whole group, as Ctrl-C on a terminal does, or to this process alone. */
class Witness {
  #untaken = [];
  #wake = () => {};

  constructor() {
    const shell = spawn("/bin/sh", ["-c", WITNESS_SCRIPT], { stdio: ["pipe", "pipe", "ignore"] });
    // Without a shell, each signal counts as sent to this process alone.
    shell.on("error", () => {});
    shell.stdout?.on("data", lines => {
      this.#untaken.push(...String(lines).trim().split("\n"));
      this.#wake();
    });
  }

  /** Tells whether the whole group received the signal that has just arrived. */
  async saw(signal) {
    const limit = AbortSignal.timeout(WITNESS_MS);
    while (!this.#untaken.includes(signal) && !limit.aborted) {
      const told = new Promise(resolve => (this.#wake = () => resolve(true)));
      await Promise.race([told, aborted(limit)]);
    }
    const index = this.#untaken.indexOf(signal);
    if (index !== -1) this.#untaken.splice(index, 1);
    return index !== -1;
  }
}

/** A claim, from its creation to its release. */
class Run {
  constructor({ name, command, url, token, claim, waitMs }) {
    Object.assign(this, { name, command, claim, waitMs });
    this.api = new Api(url, token);
    this.stopping = new AbortController();
  }

  /** Claims, runs the command and releases. Returns the exit code. */
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
    // The command may want to clean up. This process exits when the command does.
    if (this.child === undefined) this.stopping.abort();
    else void this.passOn(signal);
  }

  /** Forwards a signal to the command, unless the command received it directly. */
  async passOn(signal) {
    if (!(await this.witness?.saw(signal))) this.kill(signal);
  }

  /** Sends a signal to the command or, if it has its own process group, to the whole group, as a terminal would. */
  kill(signal) {
    try {
      process.kill(hasTerminal ? this.child.pid : -this.child.pid, signal);
    } catch (error) {
      // It has ended.
      if (error.code !== "ESRCH") throw error;
    }
  }

  exitCodeOfSignal() {
    return 128 + constants.signals[this.signal];
  }

  /** Claims and waits for the turn. Returns undefined after a signal. */
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
    say(`holding ${this.name} ${expiresAt === null ? "until the command ends" : `until ${expiresAt}`}`);
    const [file, ...args] = this.command;
    const turn = {
      DIBS_RESOURCE: this.name,
      DIBS_CLAIM_ID: claimId,
      DIBS_LEASE_ID: leaseId,
      DIBS_FENCING: String(fencing),
      DIBS_EXPIRES_AT: expiresAt ?? "",
    };
    // On a terminal, the command is in this process's group and may receive a signal directly. The witness tells whether it did.
    if (hasTerminal) this.witness = new Witness();
    this.child = spawn(file, args, { stdio: "inherit", detached: !hasTerminal, env: { ...process.env, ...turn } });
    const { code, signal } = await new Promise((resolve, reject) => {
      this.child.on("error", error => reject(buildNotStarted(file, error)));
      this.child.on("exit", (code, signal) => resolve({ code, signal }));
    });
    if (this.lost !== undefined) throw new Failure(this.lost, EX_TEMPFAIL);
    return signal === null ? code : 128 + constants.signals[signal];
  }

  get pauseMs() {
    return (this.claim.deadAfter * 1000) / BEATS_PER_LIFE;
  }

  /** Schedules the next heartbeat: after the usual pause, or at the end of the turn by the API's clock if that comes first. */
  beatAfter({ body, nowMs } = {}) {
    const leftMs = Date.parse(body?.expiresAt) - nowMs;
    clearTimeout(this.beating);
    this.beating = setTimeout(() => this.beat(), leftMs > 0 ? Math.min(leftMs, this.pauseMs) : this.pauseMs).unref();
  }

  /** Sends a heartbeat. Ends the command if the turn is lost. */
  async beat() {
    let answer;
    try {
      answer = await this.api.ask("PUT", `/claims/${this.claimId}/heartbeat`, { accept: [404, 409], patienceMs: this.pauseMs });
    } catch (error) {
      // The next heartbeat may succeed. If none does, the claim ends by itself.
      say(error.message);
    }
    if (this.stopping.signal.aborted) return;
    if (answer?.status === 404 || answer?.status === 409) this.lose();
    else this.beatAfter(answer);
  }

  lose() {
    this.lost = `the turn on ${this.name} is over; ending the command, since somebody else may hold it now`;
    if (this.child === undefined) return;
    this.kill("SIGTERM");
    setTimeout(() => this.kill("SIGKILL"), GRACE_MS).unref();
  }

  async release() {
    if (this.claimId === undefined) return;
    const lease = this.leaseId === undefined ? "" : `?leaseId=${encodeURIComponent(this.leaseId)}`;
    try {
      await this.api.ask("DELETE", `/claims/${this.claimId}${lease}`, { accept: [404, 409] });
    } catch (error) {
      say(`could not release ${this.name}, which will be released automatically soon: ${error.message}`);
    }
  }
}

/** Builds the failure of a command that did not start, with the exit code that a shell would use. */
const buildNotStarted = (file, { code, message }) =>
  code === "ENOENT"
    ? new Failure(`${file}: command not found`, NOT_FOUND)
    : new Failure(`${file}: can't be executed: ${message}`, NOT_EXECUTABLE);

const aborted = signal =>
  new Promise(resolve => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });

try {
  const args = process.argv.slice(2);
  if (isAsked(args, "--help", "-h", "help")) process.stdout.write(`${USAGE}\n`);
  else if (isAsked(args, "--version", "-V", "version")) process.stdout.write(`slack-fanout ${VERSION}\n`);
  else process.exitCode = await new Run(parseArguments(args)).run();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
// A signal handler or a pending request could keep the process alive, but the work is done.
process.exit();
