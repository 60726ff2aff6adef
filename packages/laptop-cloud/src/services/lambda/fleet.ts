import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { sep } from "node:path";
import { AwsError } from "../../kernel/aws-error";
import type { Cloud } from "../../kernel/service";
import type { DeployedFunction } from "./deployed-function";
import { ExecutionEnvironment, type InvocationOutcome, type InvocationRequest } from "./execution-environment";
import type { Failure } from "./runtime/protocol";
import { SpareProcesses } from "./runtime-process";
import { WaitingCallers } from "./waiting-callers";

/** Maximum number of busy environments of one function. Further calls wait in order. */
const busyLimit = Math.max(2, 2 * availableParallelism());

/** An idle environment takes about 50 MB. Together they may take a tenth of the machine's memory. */
const idleLimit = Math.max(8, Math.floor((totalmem() * 0.1) / (50 * 1024 * 1024)));

/** Real time: an idle environment costs this machine's memory, whatever the cloud's clock says. */
const IDLE_TIMEOUT_MS = 5 * 60 * 1000;

interface Waiting {
  request: InvocationRequest;
  /** Whether somebody waits for the answer. */
  hasCaller: boolean;
  resolve(outcome: InvocationOutcome): void;
}

/** The environments of one function. */
class Pool {
  readonly idle: ExecutionEnvironment[] = [];
  readonly waiting: Waiting[] = [];
  starting = 0;
  busy = 0;
}

/** All execution environments: assigns one to each invocation, starts new ones, and ends idle ones. */
class Fleet {
  readonly #pools = new Map<string, Pool>();
  readonly #environments = new Set<ExecutionEnvironment>();
  /** Idle environments, the longest idle first, each with the timer that ends it. */
  readonly #idleTimers = new Map<ExecutionEnvironment, NodeJS.Timeout>();
  readonly #spares: SpareProcesses;
  readonly #unlogged = new Set<string>();
  readonly callers = new WaitingCallers();
  /** Resolves when the latest process that was debugged has ended, and its port is free. */
  #debugged: Promise<void> = Promise.resolve();
  readonly #stopFollowing: () => void;
  #stopped = false;

  constructor(
    private readonly cloud: Cloud,
    bootstrap: string,
    /** The current version of the function with this name. */
    private readonly current: (name: string) => DeployedFunction | undefined,
  ) {
    this.#spares = new SpareProcesses(bootstrap);
    this.#stopFollowing = cloud.clock.onMove(() => {
      for (const environment of this.#environments) environment.followClock(cloud.clock.offsetMs);
    });
  }

  get stopped() {
    return this.#stopped;
  }

  /** Forks spare processes for the first cold starts. */
  prepare(memoryMb: number) {
    this.#spares.prepare(memoryMb);
  }

  /** Starts the environment of a function that is debugged, so that a debugger can attach before its first invocation. There is never a second one. */
  debug(deployed: DeployedFunction | undefined) {
    if (deployed === undefined || !this.#isDebugged(deployed)) return;
    const pool = this.#poolOf(deployed.configuration.name);
    if (pool.starting === 0) void this.#start(deployed, pool);
  }

  /**
   * Runs one invocation. Resolves with the function's own failures; throws `AwsError` TooManyRequestsException where its reserved
   * concurrency is used up.
   */
  invoke(deployed: DeployedFunction, request: InvocationRequest, hasCaller: boolean): Promise<InvocationOutcome> {
    const { name, reservedConcurrency } = deployed.configuration;
    const pool = this.#poolOf(name);
    if (reservedConcurrency !== undefined && pool.busy + pool.waiting.length >= reservedConcurrency) throw throttled();
    return new Promise(resolve => {
      pool.waiting.push({ request, hasCaller, resolve });
      if (hasCaller) this.callers.add();
      this.#assign(deployed, pool);
    });
  }

  /** Ends a function's environments after its code or configuration changed: idle ones now, busy ones after their invocation. */
  retire(name: string) {
    for (const environment of this.#poolOf(name).idle.splice(0)) this.#endEnvironment(environment);
    // It would load the old code once a debugger attaches.
    for (const environment of this.#environments)
      if (environment.deployed.configuration.name === name && environment.waitsForDebugger) void environment.kill();
    this.debug(this.current(name));
  }

  async stop() {
    this.#stopped = true;
    this.#stopFollowing();
    for (const timer of this.#idleTimers.values()) clearTimeout(timer);
    const environments = [...this.#environments];
    await Promise.all([this.#spares.stop(), ...environments.map(environment => environment.kill())]);
    await Promise.all(environments.map(environment => environment.flushLog()));
  }

  #poolOf(name: string): Pool {
    const pool = this.#pools.get(name) ?? new Pool();
    this.#pools.set(name, pool);
    return pool;
  }

  /** Assigns waiting calls to idle environments, and starts a new environment for each call that still waits. */
  #assign(deployed: DeployedFunction, pool: Pool) {
    while (pool.waiting.length > 0) {
      const environment = this.#takeIdle(pool);
      if (environment === undefined) break;
      void this.#run(environment, pool, this.#takeWaiting(pool)!);
    }
    // A function that is debugged has one environment, the one with the debugger.
    const limit = this.#isDebugged(deployed) ? 1 : busyLimit;
    const wanted = Math.min(pool.waiting.length, limit - pool.busy);
    while (pool.starting < wanted && !this.#stopped) void this.#start(deployed, pool);
  }

  /** The call that has waited longest. */
  #takeWaiting(pool: Pool): Waiting | undefined {
    const waiting = pool.waiting.shift();
    if (waiting?.hasCaller) this.callers.remove();
    return waiting;
  }

  /** The environment that was used last, so that the others can time out. */
  #takeIdle(pool: Pool): ExecutionEnvironment | undefined {
    for (let environment = pool.idle.pop(); environment !== undefined; environment = pool.idle.pop()) {
      clearTimeout(this.#idleTimers.get(environment));
      this.#idleTimers.delete(environment);
      if (environment.alive) return environment;
      this.#environments.delete(environment);
    }
    return undefined;
  }

  async #start(deployed: DeployedFunction, pool: Pool) {
    pool.starting++;
    const { memoryMb, label, logging } = deployed.configuration;
    const onLogRefused = (error: AwsError) => {
      if (this.#stopped || this.#unlogged.has(label)) return;
      this.#unlogged.add(label);
      console.error(`"${label}" has no logs in ${logging.group}: ${error.message}`);
    };
    const environment = this.#isDebugged(deployed)
      ? await this.#startDebugged(deployed, onLogRefused)
      : new ExecutionEnvironment(this.cloud, deployed, this.#spares.take(memoryMb), { onLogRefused });
    this.#environments.add(environment);
    const failure = await environment.initialise();
    pool.starting--;
    // If there is newer code, the calls that wait for this environment get one that runs it.
    const isReplaced = ![deployed, undefined].includes(this.current(deployed.configuration.name));
    if (failure === undefined || isReplaced) this.#release(environment, pool);
    else this.#giveUp(environment, pool, failure);
    if (!this.#stopped) this.#spares.prepare(memoryMb);
  }

  async #startDebugged(deployed: DeployedFunction, onLogRefused: (error: AwsError) => void): Promise<ExecutionEnvironment> {
    const { port, waits, findMap } = this.cloud.inspection!;
    await this.#debugged;
    const { taskRoot } = deployed.artefact;
    const maps: Record<string, string> = {};
    for (const path of await readdir(taskRoot, { recursive: true })) {
      const map = findMap(path.split(sep).join("/"));
      if (map !== undefined && existsSync(map)) maps[path] = map;
    }
    const process = this.#spares.take(deployed.configuration.memoryMb);
    this.#debugged = process.ended.then(() => undefined);
    return new ExecutionEnvironment(this.cloud, deployed, process, { onLogRefused, debugging: { port, waits, maps } });
  }

  #isDebugged({ configuration }: DeployedFunction): boolean {
    return configuration.label === this.cloud.inspection?.name;
  }

  /** A module that does not load fails the call that has waited longest. */
  #giveUp(environment: ExecutionEnvironment, pool: Pool, failure: Failure) {
    this.#endEnvironment(environment);
    const payload = JSON.stringify(failure);
    this.#takeWaiting(pool)?.resolve({ payload, failed: true, durationMs: 0, cold: true, logTail: "" });
    this.#assign(environment.deployed, pool);
  }

  async #run(environment: ExecutionEnvironment, pool: Pool, { request, resolve }: Waiting) {
    pool.busy++;
    const outcome = await environment.invoke(request);
    pool.busy--;
    resolve(outcome);
    this.#release(environment, pool);
  }

  #release(environment: ExecutionEnvironment, pool: Pool) {
    if (this.#stopped) return;
    const current = this.current(environment.deployed.configuration.name);
    if (environment.alive && environment.deployed === current) this.#rest(environment, pool);
    else {
      this.#endEnvironment(environment);
      this.debug(current);
    }
    this.#assign(current ?? environment.deployed, pool);
  }

  #rest(environment: ExecutionEnvironment, pool: Pool) {
    pool.idle.push(environment);
    if (this.#isDebugged(environment.deployed)) return;
    const timer = setTimeout(() => this.#evict(environment), IDLE_TIMEOUT_MS);
    timer.unref();
    this.#idleTimers.set(environment, timer);
    for (const longestIdle of this.#idleTimers.keys()) {
      if (this.#idleTimers.size <= idleLimit) break;
      this.#evict(longestIdle);
    }
  }

  #evict(environment: ExecutionEnvironment) {
    const { idle } = this.#poolOf(environment.deployed.configuration.name);
    idle.splice(idle.indexOf(environment), 1);
    this.#endEnvironment(environment);
  }

  #endEnvironment(environment: ExecutionEnvironment) {
    clearTimeout(this.#idleTimers.get(environment));
    this.#idleTimers.delete(environment);
    this.#environments.delete(environment);
    void environment.kill();
  }
}

const throttled = () =>
  new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    Type: "User",
    retryAfterSeconds: "1",
  });

export { busyLimit, Fleet };
