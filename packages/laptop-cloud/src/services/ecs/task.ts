import { randomBytes } from "node:crypto";
import type { FunctionCaller } from "../../kernel/caller";
import { pageReader } from "../../kernel/caller";
import type { Environment } from "../../kernel/identities";
import { LogWriter } from "../../kernel/log-writer";
import type { Cloud } from "../../kernel/service";
import { parseTraceHeader } from "../../kernel/trace";
import { arnOf, type ServiceConfiguration } from "./container-definition";
import { ContainerProcess, type Exit } from "./container-process";
import { offsetVariable } from "./runtime/protocol";

/** A poll for work. Polling alone does not count as work. */
const pollForWork = "sqs:ReceiveMessage";

/** After this time without any other call, a container has no work that needs heartbeats. */
const REST_MS = 5 * 60_000;

/** The surroundings of a task. */
interface TaskOptions {
  /** The folder that its image is built from. */
  folder: string;
  preload: string;
  /** Environment variables with secret values. */
  secrets: Record<string, string>;
  /** Counts this AWS call; the weather may end the container at its n-th. */
  countCall(operation: string): number;
}

/** A task of a container service, running or stopped: a process with its own identity and log stream. */
class Task implements Environment {
  readonly id = randomBytes(16).toString("hex");
  readonly arn: string;
  readonly createdAtMs: number;
  readonly ended: Promise<Exit>;
  #workedAtMs: number;
  #isWaiting = false;
  #stoppedAtMs: number | undefined;
  #exit: Exit | undefined;
  #stopReason: string | undefined;
  readonly #sessionToken = randomBytes(32).toString("base64url");
  readonly #log: LogWriter | undefined;
  readonly #process: ContainerProcess;

  constructor(
    private readonly cloud: Cloud,
    readonly service: ServiceConfiguration,
    private readonly options: TaskOptions,
  ) {
    this.arn = arnOf(cloud.place, `task/${service.cluster}/${this.id}`);
    this.createdAtMs = cloud.clock.nowMs();
    this.#workedAtMs = this.createdAtMs;
    this.#log = this.#openLog();
    cloud.identities.register(this.#sessionToken, this);
    this.#process = new ContainerProcess({
      preload: options.preload,
      parameters: service.container.parameters,
      folder: options.folder,
      variables: this.#variables(),
      onLine: (line, stream) => this.#handleLine(line, stream),
      onRequest: url => this.#tellRequest(url),
    });
    cloud.occurrences.record({
      atMs: this.createdAtMs,
      kind: "task-started",
      to: service.label,
      detail: { task: this.id, pid: this.pid },
    });
    this.ended = this.#process.ended.then(exit => this.#end(exit));
  }

  /** Undefined if the process could not be started. */
  get pid() {
    return this.#process.pid;
  }

  get exit() {
    return this.#exit;
  }

  get stoppedAtMs() {
    return this.#stoppedAtMs;
  }

  /** Whether it was asked to stop. */
  get isStopping() {
    return this.#stopReason !== undefined;
  }

  get stoppedReason() {
    return this.#stopReason ?? (this.#exit === undefined ? undefined : "Essential container in task exited");
  }

  /** Containers have no invocations, so the trace is the one in the header that their code sends. */
  caller(traceHeader: string | undefined): FunctionCaller {
    const { label, roleArn } = this.service;
    return {
      kind: "function",
      function: label,
      functionArn: this.arn,
      roleArn,
      principal: "ecs-tasks.amazonaws.com",
      environment: this.id,
      trace: parseTraceHeader(traceHeader).root,
    };
  }

  countCall(_invocation: string | undefined, operation: string): number {
    if (operation === pollForWork) this.#isWaiting = true;
    else this.#workedAtMs = this.cloud.clock.nowMs();
    return this.options.countCall(operation);
  }

  followClock() {
    this.#process.followClock(this.cloud.clock.offsetMs);
  }

  /** When it next has work. Never if it only polls for work, so that time can jump by days. */
  async settle(): Promise<number> {
    const dueMs = await this.#process.settle();
    const isAtRest = this.#isWaiting && this.cloud.clock.nowMs() - this.#workedAtMs > REST_MS;
    return isAtRest ? Number.POSITIVE_INFINITY : dueMs;
  }

  /** Sends SIGTERM, then SIGKILL after the container's stop timeout or `limitMs` of real time. Resolves when it has exited. */
  async stop(reason: string, limitMs = Number.POSITIVE_INFINITY): Promise<void> {
    this.#stopReason ??= reason;
    await this.#process.stop(Math.min(this.service.container.stopTimeoutSeconds * 1000, limitMs));
    await this.ended;
  }

  async kill(): Promise<void> {
    this.cloud.identities.forget(this.#sessionToken);
    await this.#process.kill();
  }

  /** Records only requests to an API of the program. */
  #tellRequest(url: string) {
    const { clock, inventory, occurrences } = this.cloud;
    const api = inventory
      .ofType("aws:apigatewayv2/api:Api")
      .find(({ outputs: { apiEndpoint: at } }) => url === at || url.startsWith(`${at}/`));
    if (api === undefined) return;
    occurrences.record({ atMs: clock.nowMs(), kind: "request", from: this.service.label, to: api.name, detail: { task: this.id } });
  }

  flushLog(): Promise<void> {
    return this.#log?.flush() ?? Promise.resolve();
  }

  #end(exit: Exit): Exit {
    this.cloud.identities.forget(this.#sessionToken);
    this.#exit = exit;
    this.#stoppedAtMs = this.cloud.clock.nowMs();
    this.cloud.occurrences.record({
      atMs: this.#stoppedAtMs,
      kind: "task-ended",
      from: this.service.label,
      detail: { task: this.id, pid: this.pid, code: exit.code, signal: exit.signal, asked: this.isStopping, reason: this.stoppedReason },
    });
    void this.flushLog();
    return exit;
  }

  /**
   * Differs from AWS, where a task's execution role writes its log. That role belongs to awsx, not to the program, so there is
   * nothing to authorize.
   */
  #openLog(): LogWriter | undefined {
    const { label, container } = this.service;
    const { logs } = container;
    if (logs === undefined) return undefined;
    const stream = `${logs.streamPrefix}/${container.name}/${this.id}`;
    return new LogWriter(this.cloud, {
      caller: pageReader,
      group: logs.group,
      stream,
      onRefused: error => console.error(`"${label}" has no logs in ${logs.group}: ${error.message}`),
    });
  }

  #handleLine(line: string, stream: "stdout" | "stderr") {
    const atMs = this.cloud.clock.nowMs();
    this.#log?.write(atMs, line);
    const level = stream === "stderr" ? "ERROR" : "INFO";
    this.cloud.occurrences.record({ atMs, kind: "log", from: this.service.label, detail: { requestId: this.id, level, line } });
  }

  /** The container's variables, and those for ECS, the endpoint and the cloud's time. */
  #variables(): Record<string, string> {
    const { region, awsUrl } = this.cloud.place;
    return {
      ...this.service.container.variables,
      ...this.options.secrets,
      AWS_ACCESS_KEY_ID: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      AWS_SECRET_ACCESS_KEY: randomBytes(20).toString("hex"),
      AWS_SESSION_TOKEN: this.#sessionToken,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: awsUrl,
      AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
      // The image has its own Node version, so the SDK's warnings about this machine's Node do not apply to the container.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      TZ: ":UTC",
      [offsetVariable]: String(this.cloud.clock.offsetMs),
    };
  }
}

export { Task };
