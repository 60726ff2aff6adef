import { setMaxListeners } from "node:events";
import pMap from "p-map";
import type { Clock } from "../../kernel/clock";
import { holds, isTimestamp } from "./choice";
import { DataFlow, withItem } from "./data-flow";
import type { ChoiceState, FailState, Machine, MapState, ParallelState, PassState, State, TaskState, WaitState } from "./definition";
import { Failure } from "./failure";
import type { Visit } from "./journal";
import type { Json, JsonObject } from "./json";
import { findCatcher, planRetry } from "./retry";
import { abandoned, type MapItem, type Scope } from "./scope";
import type { TaskRunner } from "./task-runner";

interface Outcome {
  output: Json;
  /** Absent at the end of the machine. */
  next?: string;
}

/** Maximum number of concurrent iterations, whatever MaxConcurrency is ("Map state in Inline mode"). */
const MAX_ITERATIONS = 40;

/** The execution as the interpreter sees it. `context` is the context object without its state. */
interface InterpreterOptions {
  clock: Clock;
  tasks: TaskRunner;
  context: JsonObject;
  random?: () => number;
  /** Called for each state that is entered or left. */
  onStep?: (step: Step) => void;
}

interface Step {
  state: string;
  type: string;
  phase: "entered" | "exited" | "failed";
  /** The call of a Task state. */
  resource?: string;
  error?: string;
}

/**
 * Runs a state machine in the Amazon States Language (JSONPath). The journal records the position of each scope at every state. So after
 * a crash the same call continues from there: finished states are not run again, but an interrupted task is.
 */
class Interpreter {
  constructor(private readonly options: InterpreterOptions) {}

  /** The machine's output; the scope's last events are not written yet. Throws `Failure`, `Abandoned`. */
  async run(machine: Machine, scope: Scope, input: Json): Promise<Json> {
    const { position } = scope;
    if (position !== undefined && "output" in position) return position.output;
    let visit = position ?? (await this.#enter(machine, scope, machine.StartAt, input));
    for (;;) {
      const state = machine.States[visit.state]!;
      const { output, next } = await this.#attempt(state, visit, scope);
      scope.emit(`${state.Type}StateExited`, { name: visit.state, output: JSON.stringify(output), outputDetails: { truncated: false } });
      this.options.onStep?.({ state: visit.state, type: state.Type, phase: "exited" });
      if (next === undefined) return output;
      visit = await this.#enter(machine, scope, next, output);
    }
  }

  async #enter(machine: Machine, scope: Scope, name: string, input: Json): Promise<Visit> {
    const state = machine.States[name]!;
    const visit = scope.enter(name, state.Type, input);
    await scope.move(visit);
    this.options.onStep?.({
      state: name,
      type: state.Type,
      phase: "entered",
      ...(state.Type === "Task" ? { resource: state.Resource } : {}),
    });
    return visit;
  }

  /** Runs a state with its retries. */
  async #attempt(state: State, first: Visit, scope: Scope): Promise<Outcome> {
    let visit = first;
    for (;;) {
      const flow = new DataFlow(visit, state, this.#contextOf(visit, scope));
      try {
        // A Wait state waits for its end itself.
        if (state.Type !== "Wait" && visit.untilMs !== undefined) await this.#waitUntil(visit.untilMs, scope);
        return await this.#perform(state, visit, scope, flow);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        this.options.onStep?.({ state: visit.state, type: state.Type, phase: "failed", error: error.error });
        const plan = planRetry(state.Retry, error, visit.retries, this.options.random ?? Math.random);
        if (plan === undefined) return this.#catch(state, error, flow);
        const retries = [...visit.retries];
        retries[plan.index] = (retries[plan.index] ?? 0) + 1;
        const untilMs = this.options.clock.nowMs() + plan.delayMs;
        visit = { ...visit, retries: Array.from(retries, count => count ?? 0), untilMs, scheduled: undefined };
        await scope.move(visit);
      }
    }
  }

  #catch(state: State, failure: Failure, flow: DataFlow): Outcome {
    const catcher = findCatcher(state.Catch, failure);
    if (catcher === undefined) throw failure;
    return { output: flow.caught(failure, catcher.ResultPath), next: catcher.Next };
  }

  async #perform(state: State, visit: Visit, scope: Scope, flow: DataFlow): Promise<Outcome> {
    switch (state.Type) {
      case "Task":
        return { output: flow.output(await this.#runTask(state, visit, scope, flow)), next: state.Next };
      case "Map":
        return { output: flow.output(await this.#runMap(state, visit, scope, flow)), next: state.Next };
      case "Parallel":
        return { output: flow.output(await this.#runParallel(state, visit, scope, flow)), next: state.Next };
      case "Pass":
        return { output: flow.output(this.#pass(state, flow)), next: state.Next };
      case "Wait":
        await this.#wait(state, visit, scope, flow);
        return { output: flow.outputAtPath(flow.effectiveInput()), next: state.Next };
      case "Choice":
        return { output: flow.outputAtPath(flow.effectiveInput()), next: this.#choose(state, flow) };
      case "Succeed":
        return { output: flow.outputAtPath(flow.effectiveInput()) };
      case "Fail":
        throw this.#fail(state, visit, flow);
    }
  }

  async #runTask(state: TaskState, visit: Visit, scope: Scope, flow: DataFlow): Promise<Json> {
    const parameters = flow.limit(flow.effectiveInput());
    const timeoutSeconds = secondsOf("TimeoutSeconds", state, flow);
    const heartbeatSeconds = secondsOf("HeartbeatSeconds", state, flow);
    const task = this.options.tasks.prepare(state.Resource, parameters, { timeoutSeconds, heartbeatSeconds });
    if (visit.scheduled !== true) {
      task.announce(scope);
      await scope.move({ ...visit, untilMs: undefined, scheduled: true });
    }
    return flow.limit(await task.run(scope, visit.state));
  }

  async #runMap(state: MapState, visit: Visit, scope: Scope, flow: DataFlow): Promise<Json> {
    const input = flow.inputAtPath();
    const items = state.ItemsPath === undefined ? input : flow.read("ItemsPath", state.ItemsPath, input);
    if (!Array.isArray(items))
      throw flow.runtime(`The items of a Map state are ${JSON.stringify(items).slice(0, 1000)}, but must be an array.`);
    const asked =
      state.MaxConcurrencyPath === undefined
        ? state.MaxConcurrency
        : flow.readInteger("MaxConcurrencyPath", state.MaxConcurrencyPath, input);
    await this.#begin(visit, scope, () => scope.emit("MapStateStarted", { length: items.length }));

    const machine = (state.ItemProcessor ?? state.Iterator)!;
    const selector = state.ItemSelector ?? state.Parameters;
    const outputs = await this.#fanOut(items.length, Math.min(asked || MAX_ITERATIONS, MAX_ITERATIONS), scope, (index, signal) => {
      const item: MapItem = { Index: index, Value: items[index]! };
      const inner = scope.inner(`${visit.state}[${index}]`, signal, item);
      const given = selector === undefined ? item.Value : flow.fill("ItemSelector", selector, input, withItem(flow.context, item));
      return this.#runInner(machine, inner, given, type => [`MapIteration${type}`, { name: visit.state, index }]);
    }).catch(error => {
      if (error instanceof Failure) scope.emit("MapStateFailed");
      throw error;
    });
    scope.emit("MapStateSucceeded");
    return flow.limit(outputs);
  }

  async #runParallel(state: ParallelState, visit: Visit, scope: Scope, flow: DataFlow): Promise<Json> {
    const input = flow.effectiveInput();
    await this.#begin(visit, scope, () => scope.emit("ParallelStateStarted"));
    const outputs = await this.#fanOut(state.Branches.length, state.Branches.length, scope, (index, signal) =>
      this.#runInner(state.Branches[index]!, scope.inner(`${visit.state}[${index}]`, signal, scope.item), input),
    ).catch(error => {
      if (error instanceof Failure) scope.emit("ParallelStateFailed");
      throw error;
    });
    scope.emit("ParallelStateSucceeded");
    return flow.limit(outputs);
  }

  /** Records the start of an attempt, once. */
  async #begin(visit: Visit, scope: Scope, announce: () => void) {
    if (visit.scheduled === true) return;
    announce();
    await scope.move({ ...visit, untilMs: undefined, scheduled: true });
  }

  /** Runs a thread inside another. Its end is stored as a position, because other threads may run much longer. */
  async #runInner(machine: Machine, scope: Scope, input: Json, event?: (type: string) => [string, object]): Promise<Json> {
    const { position } = scope;
    if (position !== undefined && "output" in position) return position.output;
    if (position === undefined && event !== undefined) scope.emit(...event("Started"));
    try {
      const output = await this.run(machine, scope, input);
      if (event !== undefined) scope.emit(...event("Succeeded"));
      await scope.move({ output, lastEventId: scope.previousEventId });
      return output;
    } catch (error) {
      if (error instanceof Failure) await this.#sayFailed(scope, event?.("Failed"));
      throw error;
    }
  }

  async #sayFailed(scope: Scope, event: [string, object] | undefined) {
    const { position } = scope;
    if (event !== undefined) scope.emit(...event);
    // Keep the position of the failed scope: its parent ends it, or a restart runs into the failure again.
    if (position !== undefined) await scope.move(position);
  }

  /** Runs `count` threads, at most `concurrency` at a time. If one fails, abandons the others and throws its error. */
  async #fanOut(
    count: number,
    concurrency: number,
    scope: Scope,
    run: (index: number, signal: AbortSignal) => Promise<Json>,
  ): Promise<Json[]> {
    const failing = new AbortController();
    const signal = AbortSignal.any([scope.signal, failing.signal]);
    // Each thread adds a listener, and there may be forty threads, each with threads inside.
    setMaxListeners(0, signal);
    try {
      return await pMap(Array(count).keys(), index => run(index, signal), { concurrency, signal: scope.signal });
    } catch (error) {
      failing.abort(abandoned());
      throw error;
    }
  }

  #pass({ Result }: PassState, flow: DataFlow): Json {
    const input = flow.effectiveInput();
    return Result === undefined ? input : Result;
  }

  async #wait(state: WaitState, visit: Visit, scope: Scope, flow: DataFlow) {
    const untilMs = visit.untilMs ?? this.#endOf(state, flow);
    if (visit.untilMs === undefined) await scope.move({ ...visit, untilMs });
    await this.#waitUntil(untilMs, scope);
  }

  #endOf(state: WaitState, flow: DataFlow): number {
    const input = flow.effectiveInput();
    const nowMs = this.options.clock.nowMs();
    if (state.Seconds !== undefined) return nowMs + state.Seconds * 1000;
    if (state.SecondsPath !== undefined) return nowMs + flow.readInteger("SecondsPath", state.SecondsPath, input) * 1000;
    const timestamp = state.Timestamp ?? flow.read("TimestampPath", state.TimestampPath!, input);
    if (!isTimestamp(timestamp))
      throw flow.runtime(`The timestamp is ${JSON.stringify(timestamp)}, but must be RFC 3339, as 2026-11-22T10:00:00Z.`);
    return Date.parse(timestamp);
  }

  async #waitUntil(untilMs: number, scope: Scope) {
    await this.options.clock.wait(untilMs - this.options.clock.nowMs(), scope.signal);
    scope.signal.throwIfAborted();
  }

  #choose(state: ChoiceState, flow: DataFlow): string {
    const data = { input: flow.effectiveInput(), context: flow.context };
    const chosen = state.Choices.find(rule => holds(rule, data))?.Next ?? state.Default;
    if (chosen !== undefined) return chosen;
    throw new Failure("States.NoChoiceMatched", "No choice rule holds, and there is no Default.");
  }

  #fail(state: FailState, visit: Visit, flow: DataFlow): Failure {
    const said = (field: "Error" | "Cause", path: string | undefined) =>
      path === undefined ? (state[field] ?? "") : String(flow.read(`${field}Path`, path, visit.input));
    return new Failure(said("Error", state.ErrorPath), said("Cause", state.CausePath));
  }

  #contextOf(visit: Visit, scope: Scope): Json {
    const context: JsonObject = {
      ...this.options.context,
      State: {
        EnteredTime: new Date(visit.enteredMs).toISOString(),
        Name: visit.state,
        RetryCount: visit.retries.reduce((sum, count) => sum + count, 0),
      },
    };
    return scope.item === undefined ? context : withItem(context, scope.item);
  }
}

const secondsOf = (field: "TimeoutSeconds" | "HeartbeatSeconds", state: TaskState, flow: DataFlow): number | undefined => {
  const path = state[`${field}Path`];
  return path === undefined ? state[field] : flow.readInteger(`${field}Path`, path, flow.effectiveInput());
};

export { Interpreter };
