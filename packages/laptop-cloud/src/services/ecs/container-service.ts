import type { Timer } from "../../kernel/clock";
import type { Cloud } from "../../kernel/service";
import type { Kill } from "../../kernel/weather";
import { type ServiceConfiguration, serviceType } from "./container-definition";
import { Task } from "./task";

/** A container that exits earlier has failed quickly, in real milliseconds. */
const QUICK_MS = 10_000;

/** Backoff after quick failures. It doubles after each, up to the maximum. */
const MIN_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;

/** How many stopped tasks of a service stay visible (ECS: for at least an hour). */
const MAX_KEPT_STOPPED_TASKS = 20;

/** How long to wait until a container has settled, in real milliseconds; its own limit is five seconds. */
const SETTLE_TIMEOUT_MS = 6000;

/** The same for a container that did not settle the last time. */
const LATE_LIMIT_MS = 200;

interface ReadParameters {
  Parameters: { ARN: string; Name: string; Value: string }[];
  InvalidParameters: string[];
}

interface ContainerServiceOptions {
  desiredCount: number;
  /** The folder of the service's image. */
  folder: string;
  /** The program that each task loads first. */
  preload: string;
}

/** A container service: keeps the desired number of tasks running. */
class ContainerService {
  readonly #running = new Set<Task>();
  readonly #stopped: Task[] = [];
  readonly #late = new WeakSet<Task>();
  #desiredCount: number;
  readonly #folder: string;
  readonly #preload: string;
  #quickFailures = 0;
  #restart: Timer | undefined;
  #restartAtMs = Number.POSITIVE_INFINITY;
  #isOver = false;
  #armed: Kill | undefined;
  #calls = 0;
  #secrets: Record<string, string> = {};

  constructor(
    private readonly cloud: Cloud,
    readonly configuration: ServiceConfiguration,
    { desiredCount, folder, preload }: ContainerServiceOptions,
  ) {
    this.#desiredCount = desiredCount;
    this.#folder = folder;
    this.#preload = preload;
  }

  get desiredCount() {
    return this.#desiredCount;
  }

  get running(): Task[] {
    return [...this.#running];
  }

  /** Running tasks, and those that stopped recently. */
  get tasks(): Task[] {
    return [...this.#running, ...this.#stopped];
  }

  /** Whether moving the clock has to wait for it. */
  get isAtWork() {
    return this.#running.size > 0 || this.#restart !== undefined;
  }

  /** Reads the containers' secrets, as their execution role. Differs: ECS reads them at each start of a task, and they can't change here. */
  async readSecrets() {
    const { executionRoleArn: roleArn, container, label } = this.configuration;
    const entries = Object.entries(container.secrets);
    if (entries.length === 0 || roleArn === undefined) return;
    const caller = { kind: "role", roleArn, principal: "ecs-tasks.amazonaws.com" } as const;
    const input = { Names: entries.map(([, from]) => from), WithDecryption: true };
    const { Parameters, InvalidParameters } = (await this.cloud.call("ssm", "GetParameters", input, caller)) as ReadParameters;
    const [missing] = InvalidParameters;
    if (missing !== undefined)
      throw new Error(`"${label}" (${serviceType}) reads a secret from the parameter ${missing}, which there is not.`);
    const valueFrom = (from: string) => Parameters.find(({ ARN, Name }) => ARN === from || Name === from)!.Value;
    this.#secrets = Object.fromEntries(entries.map(([name, from]) => [name, valueFrom(from)]));
  }

  /** Starts missing tasks, unless it backs off after quick failures. */
  fill() {
    if (this.#isOver || this.#restart !== undefined) return;
    const missing = this.#desiredCount - this.running.filter(task => !task.isStopping).length;
    for (let count = 0; count < missing; count++) this.#run();
  }

  scale(desiredCount: number) {
    this.#desiredCount = desiredCount;
    this.fill();
    const surplus = this.running.filter(task => !task.isStopping).slice(desiredCount);
    for (const task of surplus) void task.stop("Scaling activity initiated by deployment");
  }

  /** Stops every task and starts new ones. */
  replace() {
    for (const task of this.running) if (!task.isStopping) void task.stop("Task stopped by a new deployment");
  }

  followClock() {
    for (const task of this.#running) task.followClock();
  }

  /** Resolves when its containers have caught up, with their next due time in epoch milliseconds. */
  async settle(): Promise<number> {
    const dues = await Promise.all(this.running.map(task => this.#settleInTime(task)));
    return Math.min(this.#restartAtMs, ...dues);
  }

  async stop(limitMs: number): Promise<void> {
    this.#isOver = true;
    this.#restart?.cancel();
    this.#restart = undefined;
    await Promise.all(
      this.running.map(async task => {
        await task.stop("The cloud stops", limitMs);
        await task.flushLog();
      }),
    );
  }

  #run() {
    const startedMs = performance.now();
    const task = new Task(this.cloud, this.configuration, {
      folder: this.#folder,
      preload: this.#preload,
      secrets: this.#secrets,
      countCall: operation => this.#countCall(operation),
    });
    this.#running.add(task);
    void task.ended.then(() => this.#ended(task, performance.now() - startedMs));
  }

  #ended(task: Task, livedMs: number) {
    this.#running.delete(task);
    this.#stopped.unshift(task);
    this.#stopped.splice(MAX_KEPT_STOPPED_TASKS);
    const isQuickFailure = !task.isStopping && livedMs < QUICK_MS;
    if (!isQuickFailure) this.#quickFailures = 0;
    else if (!this.#isOver && this.#restart === undefined) this.#backOff();
    this.fill();
  }

  #backOff() {
    const waitMs = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** this.#quickFailures++);
    this.#restartAtMs = this.cloud.clock.nowMs() + waitMs;
    this.#restart = this.cloud.clock.at(this.#restartAtMs, () => {
      this.#restart = undefined;
      this.#restartAtMs = Number.POSITIVE_INFINITY;
      this.fill();
    });
  }

  async #settleInTime(task: Task): Promise<number> {
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<number>(resolve => {
      const giveUp = () => {
        this.#late.add(task);
        resolve(this.cloud.clock.nowMs());
      };
      limit = setTimeout(giveUp, this.#late.has(task) ? LATE_LIMIT_MS : SETTLE_TIMEOUT_MS);
    });
    const inTime = task.settle().then(dueMs => {
      this.#late.delete(task);
      return dueMs;
    });
    const dueMs = await Promise.race([inTime, late]);
    clearTimeout(limit);
    return dueMs;
  }

  /**
   * Containers have no invocations: their calls are counted from the moment the kill was switched on, also across
   * restarts. Polls don't count, because their number depends on how long the queue is empty.
   */
  #countCall(operation: string): number {
    const kill = this.cloud.weather.kills.find(({ function: name }) => name === this.configuration.label);
    if (kill !== this.#armed) this.#calls = 0;
    this.#armed = kill;
    return operation === "sqs:ReceiveMessage" ? 0 : ++this.#calls;
  }
}

export { ContainerService };
