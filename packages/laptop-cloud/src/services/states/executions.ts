import { AwsError } from "../../kernel/aws-error";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { createTraceRoot } from "../../kernel/trace";
import { type ExecutionRecord, keyOf, RunningExecution } from "./execution";
import type { HistoryEvent } from "./history";
import { reportExecution } from "./metrics";
import { executionArn } from "./names";
import type { MachineRecord } from "./store";

/** "Names are unique for 90 days". */
const RETENTION_MS = 90 * 86_400_000;

/** All executions, running and ended. State keys: `execution/`, `history/`, `position/` and `MACHINE/NAME`. */
class Executions {
  readonly #records = new Map<string, ExecutionRecord>();
  readonly #running = new Map<string, { execution: RunningExecution; done: Promise<void> }>();
  /** Starts that are not written yet. */
  readonly #starting = new Map<string, Promise<void>>();
  #resumed = false;
  #stopping = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
  ) {}

  async load() {
    for (const [, record] of await this.state.entries<ExecutionRecord>("execution/")) this.#records.set(nameOf(record), record);
  }

  /** Continues running executions, and reports metrics of executions that ended just before the cloud did. */
  async resume() {
    this.#resumed = true;
    for (const record of this.#records.values()) {
      if (record.status !== "RUNNING") {
        if (record.reported !== true) await this.#report(record);
        continue;
      }
      const execution = this.#create(record);
      await execution.load();
      this.#run(execution);
    }
  }

  async stop() {
    this.#stopping = true;
    for (const { execution } of this.#running.values()) execution.suspend();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  /**
   * Starts an execution. Starting a running execution with the same name and input returns it.
   *
   * Throws `AwsError` ExecutionAlreadyExists.
   */
  async start(machine: MachineRecord, name: string, input: string, trace: string | undefined): Promise<ExecutionRecord> {
    const key = `${machine.name}/${name}`;
    const known = this.#records.get(key);
    if (known !== undefined && !this.#isForgotten(known)) {
      await this.#starting.get(key);
      if (known.status === "RUNNING" && known.input === input) return known;
      throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${known.executionArn}'`);
    }
    const startMs = this.cloud.clock.nowMs();
    const record: ExecutionRecord = {
      executionArn: executionArn(this.cloud.place, machine.name, name),
      name,
      stateMachineArn: machine.stateMachineArn,
      machine: machine.name,
      definition: machine.definition,
      roleArn: machine.roleArn,
      input,
      startMs,
      status: "RUNNING",
      trace: trace ?? createTraceRoot(startMs),
    };
    this.#records.set(key, record);
    const execution = this.#create(record);
    const written = (known === undefined ? Promise.resolve() : this.#forget(known)).then(() => execution.begin());
    this.#starting.set(key, written);
    try {
      await written;
    } catch (error) {
      this.#records.delete(key);
      throw error;
    } finally {
      this.#starting.delete(key);
    }
    this.#occur("started", record);
    this.#run(execution);
    return record;
  }

  /** Throws `AwsError` ExecutionDoesNotExist. */
  find(key: string, arn: string): ExecutionRecord {
    const record = this.#records.get(key);
    if (record === undefined) throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return record;
  }

  /** Newest first. */
  ofMachine(machine: string): ExecutionRecord[] {
    return [...this.#records.values()].filter(record => record.machine === machine).sort((a, b) => b.startMs - a.startMs);
  }

  history(record: ExecutionRecord): Promise<HistoryEvent[]> {
    return this.state.entries<HistoryEvent>(`history/${nameOf(record)}/`).then(entries => entries.map(([, event]) => event));
  }

  /** Stops an execution; has no effect on an ended one. */
  async abort(record: ExecutionRecord, error: string | undefined, cause: string | undefined) {
    await this.#running.get(nameOf(record))?.execution.end({ status: "ABORTED", event: "ExecutionAborted", error, cause });
  }

  #create(record: ExecutionRecord) {
    return new RunningExecution(this.cloud, this.state, record, ended => this.#ended(ended));
  }

  #run(execution: RunningExecution) {
    // An execution that starts while the cloud stops is stored, and runs at the next start.
    if (this.#stopping) return;
    const done = execution.run().catch(error => console.error(error));
    this.#running.set(nameOf(execution.record), { execution, done });
  }

  async #ended(record: ExecutionRecord) {
    this.#running.delete(nameOf(record));
    this.#occur(record.status.toLowerCase(), record);
    await this.#report(record);
  }

  async #report(record: ExecutionRecord) {
    if (!this.#resumed) return;
    await reportExecution(this.cloud, record);
    record.reported = true;
    await this.state.put(keyOf(record), record);
  }

  #occur(phase: string, record: ExecutionRecord) {
    const { clock, inventory, occurrences } = this.cloud;
    const to = inventory.byArn(record.stateMachineArn)?.name ?? record.machine;
    const { name, error, trace } = record;
    occurrences.record({
      atMs: clock.nowMs(),
      kind: "execution",
      trace,
      to,
      detail: { execution: name, phase, ...(error === undefined ? {} : { error }) },
    });
  }

  #isForgotten({ stopMs }: ExecutionRecord) {
    return stopMs !== undefined && this.cloud.clock.nowMs() > stopMs + RETENTION_MS;
  }

  async #forget(record: ExecutionRecord) {
    const events = await this.state.entries(`history/${nameOf(record)}/`);
    await this.state.batch([{ delete: keyOf(record) }, ...events.map(([path]) => ({ delete: path }))]);
  }
}

const nameOf = ({ machine, name }: ExecutionRecord) => `${machine}/${name}`;

export { Executions };
