import type { RoleCaller } from "../../kernel/caller";
import type { Timer } from "../../kernel/clock";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { type Machine, parseDefinition } from "./definition";
import { Abandoned, Failure } from "./failure";
import { Interpreter } from "./interpreter";
import { Journal } from "./journal";
import type { Json } from "./json";
import { abandoned, Scope } from "./scope";
import { TaskRunner } from "./task-runner";

type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** An execution as it is stored, without its history. It keeps the definition and role that it started with. */
interface ExecutionRecord {
  executionArn: string;
  name: string;
  stateMachineArn: string;
  machine: string;
  definition: string;
  roleArn: string;
  /** The input as JSON text. */
  input: string;
  startMs: number;
  status: ExecutionStatus;
  stopMs?: number;
  output?: string;
  error?: string;
  cause?: string;
  trace: string;
  /** Whether its metrics were reported. */
  reported?: boolean;
}

/** The end of an execution, for its record and its history. */
interface Ending {
  status: Exclude<ExecutionStatus, "RUNNING">;
  event: string;
  output?: string;
  error?: string;
  cause?: string;
}

const rootPath = "root";

/** An execution that has not ended. */
class RunningExecution {
  readonly #over = new AbortController();
  readonly #journal: Journal;
  readonly #machine: Machine;
  #root: Scope | undefined;
  #timer: Timer | undefined;
  #ending: Promise<void> | undefined;

  constructor(
    private readonly cloud: Cloud,
    state: State,
    readonly record: ExecutionRecord,
    private readonly onEnd: (record: ExecutionRecord) => Promise<void>,
  ) {
    this.#journal = new Journal(state, `${record.machine}/${record.name}`);
    this.#machine = parseDefinition(record.definition);
  }

  /** Stores the start. From here on the execution survives a crash. */
  async begin() {
    const { input, roleArn, startMs } = this.record;
    const details = { input, inputDetails: { truncated: false }, roleArn };
    const { changes } = this.#journal.record([{ type: "ExecutionStarted", atMs: startMs, details }], 0);
    await this.#journal.write([{ put: keyOf(this.record), value: this.record }, ...changes]);
  }

  /** Loads the positions of an earlier run. */
  async load() {
    await this.#journal.load();
  }

  /** Runs to the end. Resolves when the end is stored, or when the execution is stopped. */
  async run(): Promise<void> {
    const { record, cloud } = this;
    const { TimeoutSeconds } = this.#machine;
    if (TimeoutSeconds !== undefined)
      this.#timer = cloud.clock.at(
        record.startMs + TimeoutSeconds * 1000,
        () => void this.end({ status: "TIMED_OUT", event: "ExecutionTimedOut" }),
      );
    this.#root = this.#createRoot();
    try {
      const output = await this.#interpreter().run(this.#machine, this.#root, JSON.parse(record.input) as Json);
      await this.end({ status: "SUCCEEDED", event: "ExecutionSucceeded", output: JSON.stringify(output) });
    } catch (error) {
      // Failures after the end, or while the cloud stops, do not end the execution.
      if (error instanceof Abandoned || this.#over.signal.aborted) return this.#ending;
      await this.end(failedBy(error));
    }
  }

  /** Ends the execution. Only the first call has an effect. */
  end(ending: Ending): Promise<void> {
    this.#ending ??= this.#end(ending);
    return this.#ending;
  }

  /** Stops without ending the execution: the next start continues it. */
  suspend() {
    this.#timer?.cancel();
    this.#over.abort(abandoned());
  }

  async #end({ status, event, output, error, cause }: Ending) {
    // Read before the others are aborted, so that the history includes the root's last events.
    const drafts = this.#root?.takeEvents() ?? [];
    this.suspend();
    const ended: ExecutionRecord = { ...this.record, status, stopMs: this.cloud.clock.nowMs(), output, error, cause };
    const details = output === undefined ? { error, cause } : { output, outputDetails: { truncated: false } };
    const events = this.#journal.recordEnd([...drafts, { type: event, atMs: ended.stopMs!, details }], this.#root?.previousEventId ?? 1);
    const scopes = this.#journal.move(rootPath, undefined, this.#journal.scopes());
    await this.#journal.write([...events, ...scopes, { put: keyOf(ended), value: ended }]);
    Object.assign(this.record, ended);
    await this.onEnd(this.record);
  }

  #createRoot() {
    const { clock } = this.cloud;
    const position = this.#journal.position(rootPath);
    // The event before the first state is ExecutionStarted.
    const lastEventId = position?.lastEventId ?? 1;
    return new Scope({ path: rootPath, journal: this.#journal, signal: this.#over.signal, nowMs: () => clock.nowMs(), lastEventId });
  }

  #interpreter() {
    const { record, cloud } = this;
    const caller: RoleCaller = {
      kind: "role",
      roleArn: record.roleArn,
      principal: "states.amazonaws.com",
      sourceArn: record.stateMachineArn,
      trace: record.trace,
    };
    const name = cloud.inventory.byArn(record.stateMachineArn)?.name ?? record.machine;
    return new Interpreter({
      clock: cloud.clock,
      tasks: new TaskRunner(cloud, caller),
      context: {
        Execution: {
          Id: record.executionArn,
          Input: JSON.parse(record.input) as Json,
          Name: record.name,
          RoleArn: record.roleArn,
          StartTime: new Date(record.startMs).toISOString(),
          RedriveCount: 0,
        },
        StateMachine: { Id: record.stateMachineArn, Name: record.machine },
      },
      onStep: ({ resource, ...step }) =>
        cloud.occurrences.record({
          atMs: cloud.clock.nowMs(),
          kind: "step",
          trace: record.trace,
          from: name,
          to: resource === undefined ? undefined : cloud.inventory.byArn(resource)?.name,
          detail: { execution: record.name, ...step },
        }),
    });
  }
}

const failedBy = (error: unknown): Ending => {
  if (error instanceof Failure) return { status: "FAILED", event: "ExecutionFailed", error: error.error, cause: error.cause };
  // A bug in the laptop cloud: print it, and fail the execution like a server error of AWS.
  console.error(error);
  return {
    status: "FAILED",
    event: "ExecutionFailed",
    error: "States.Runtime",
    cause: "The laptop cloud failed on this execution; its output says why.",
  };
};

const keyOf = ({ machine, name }: ExecutionRecord) => `execution/${machine}/${name}`;

export type { ExecutionRecord, ExecutionStatus };
export { keyOf, RunningExecution };
