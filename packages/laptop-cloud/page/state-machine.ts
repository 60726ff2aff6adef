/** Reads a state machine's definition as a graph, and an execution's history as a path through it. */
import type { ExecutionHistory, HistoryEvent } from "../src/protocol";

interface MachineState {
  name: string;
  /** "Task", "Map" and so on. */
  type: string;
  /** What it calls: the name of a function, or a service's action. */
  calls?: string;
}

interface Transition {
  id: string;
  from: string;
  to: string;
  /** `branch` leads from a Map or a Parallel state to the states inside. */
  kind: "next" | "catch" | "branch";
}

interface MachineGraph {
  states: MachineState[];
  transitions: Transition[];
}

/** The parts of a definition in the Amazon States Language that are drawn. State names are unique in the whole definition. */
interface Definition {
  StartAt: string;
  States: Record<string, StateDefinition>;
}

interface StateDefinition {
  Type: string;
  Resource?: string;
  Parameters?: Record<string, unknown>;
  Next?: string;
  Default?: string;
  Choices?: { Next?: string }[];
  Catch?: { Next: string }[];
  Branches?: Definition[];
  ItemProcessor?: Definition;
  Iterator?: Definition;
}

const parseMachine = (definition: string): MachineGraph => {
  const states: MachineState[] = [];
  const transitions = new Map<string, Transition>();
  const add = (kind: Transition["kind"], from: string, to: string | undefined) => {
    const id = `${from} > ${to}`;
    if (to !== undefined && !transitions.has(id)) transitions.set(id, { id, from, to, kind });
  };
  const read = (machine: Definition) => {
    for (const [name, state] of Object.entries(machine.States)) {
      const { Type, Next, Default, Choices = [], Catch = [], Branches = [], ItemProcessor, Iterator } = state;
      states.push({ name, type: Type, calls: calledBy(state) });
      const inner = [...Branches, ItemProcessor, Iterator].filter(each => each !== undefined);
      for (const branch of inner) {
        add("branch", name, branch.StartAt);
        read(branch);
      }
      for (const to of [Next, ...Choices.map(choice => choice.Next), Default]) add("next", name, to);
      for (const { Next: to } of Catch) add("catch", name, to);
    }
  };
  read(JSON.parse(definition) as Definition);
  return { states, transitions: [...transitions.values()] };
};

/** `Resource` is a function's ARN or an integration, "arn:aws:states:::lambda:invoke", whose parameters may name the function. */
const calledBy = ({ Resource, Parameters = {} }: StateDefinition): string | undefined => {
  const name = Parameters["FunctionName"] ?? Resource;
  return typeof name === "string"
    ? name.replace(/^arn:aws:lambda:.*:function:|^arn:aws:states:::/, "").replace(/:\$LATEST$/, "")
    : undefined;
};

/** One stay in a state. */
interface Visit {
  enteredMs: number;
  exitedMs: number | null;
  input: string;
  output: string | null;
  /** The failed tries, with the error and its cause. */
  failures: { error: string; cause: string }[];
  /** `stopped`: the execution ended elsewhere. */
  status: "succeeded" | "caught" | "failed" | "stopped" | "running";
}

interface ExecutionPath {
  /** In the order of time, by state. */
  visits: ReadonlyMap<string, Visit[]>;
  /** Ids of the transitions that were taken. */
  taken: ReadonlySet<string>;
}

/** Follows an execution. Events of parallel threads are interleaved; `previousEventId` says which ones belong together. */
const followExecution = ({ events, status }: ExecutionHistory): ExecutionPath => {
  const visits = new Map<string, Visit[]>();
  const taken = new Set<string>();
  /** The state and the visit that each event belongs to, by its id. */
  const places = new Map<number, { state: string; visit: Visit }>();
  for (const event of events) {
    const before = places.get(Number(event["previousEventId"]));
    const details = readDetails(event);
    const atMs = event.timestamp * 1000;
    if (event.type.endsWith("StateEntered")) {
      const state = String(details["name"]);
      const visit: Visit = {
        enteredMs: atMs,
        exitedMs: null,
        input: String(details["input"] ?? ""),
        output: null,
        failures: [],
        status: "running",
      };
      visits.set(state, [...(visits.get(state) ?? []), visit]);
      if (before !== undefined) taken.add(`${before.state} > ${state}`);
      places.set(event.id, { state, visit });
      continue;
    }
    if (before === undefined) continue;
    places.set(event.id, before);
    const { visit } = before;
    if (event.type.endsWith("StateExited")) {
      visit.exitedMs = atMs;
      visit.output = String(details["output"] ?? "");
      // A state that is left after a failure, without a later success, was left by a catcher.
      if (visit.status === "running") visit.status = "succeeded";
    } else if (/(?<!^Execution)Succeeded$/.test(event.type)) visit.status = "running";
    else if (isFailure(event)) {
      visit.failures.push({ error: String(details["error"] ?? ""), cause: String(details["cause"] ?? "") });
      visit.status = "caught";
    }
  }
  if (status !== "RUNNING") for (const visit of [...visits.values()].flat()) endVisit(visit);
  return { visits, taken };
};

/** A failed try, or the end of the execution in a state that has no tries. */
const isFailure = ({ type }: HistoryEvent) =>
  /^(Task|LambdaFunction)(Failed|TimedOut)$|^(Map|Parallel)StateFailed$|^Execution(Failed|TimedOut|Aborted)$/.test(type);

const endVisit = (visit: Visit) => {
  if (visit.exitedMs === null) visit.status = visit.failures.length > 0 ? "failed" : "stopped";
};

const readDetails = (event: HistoryEvent): Record<string, unknown> => {
  const key = Object.keys(event).find(name => name.endsWith("EventDetails"));
  return key === undefined ? {} : (event[key] as Record<string, unknown>);
};

export type { ExecutionPath, MachineGraph, MachineState, Transition, Visit };
export { followExecution, parseMachine, readDetails };
