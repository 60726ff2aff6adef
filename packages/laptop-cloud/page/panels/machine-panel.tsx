import { useMemo, useState } from "preact/hooks";
import type { Execution, ExecutionHistory, HistoryEvent } from "../../src/protocol";
import { control } from "../control";
import { formatDuration, formatJson } from "../format";
import { followExecution, parseMachine, readDetails, type Visit } from "../state-machine";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import { MachineGraphView } from "./machine-graph";
import type { NodePanelProps } from "./panel-props";

/** A state machine's executions, newest first, and the selected one as a path through the graph of its states. */
const MachinePanel = ({ name, nowMs, program }: NodePanelProps) => {
  const [selected, setSelected] = useState<string>();
  const resource = program.resources.find(each => each.type === "aws:sfn/stateMachine:StateMachine" && each.name === name);
  const machine = useLiveData(`machine ${name}`, () => control.readMachine(name));
  if (machine === undefined || resource === undefined) return null;
  const open = selected ?? machine.executions[0]?.arn;
  return (
    <>
      {machine.executions.length === 0 ? <p class="empty">No executions yet.</p> : null}
      <ul class="choices across" aria-label={`Executions of ${name}`}>
        {machine.executions.map(execution => (
          <li key={execution.arn}>
            <button type="button" aria-pressed={execution.arn === open} onClick={() => setSelected(execution.arn)}>
              <span class={`status ${execution.status.toLowerCase()}`}>{execution.status.toLowerCase().replace("_", " ")}</span>{" "}
              <Time atMs={execution.startMs} isExact />, {lengthOf(execution, nowMs)}
            </button>
          </li>
        ))}
      </ul>
      <ExecutionView key={open} {...{ name, arn: open, definition: String(resource.inputs["definition"]) }} />
    </>
  );
};

const lengthOf = ({ startMs, stopMs }: Execution, nowMs: number) => formatDuration(Math.max(0, (stopMs ?? nowMs) - startMs));

const NO_EVENTS: ExecutionHistory = { status: "RUNNING", input: "", output: null, error: null, cause: null, events: [] };

/** One execution, or without `arn` the graph alone. */
const ExecutionView = ({ name, arn, definition }: { name: string; arn: string | undefined; definition: string }) => {
  const [state, setState] = useState<string>();
  const history = useLiveData(`execution ${arn}`, async () => (arn === undefined ? NO_EVENTS : control.readExecution(arn)));
  const machine = useMemo(() => parseMachine(definition), [definition]);
  const path = useMemo(() => followExecution(history ?? NO_EVENTS), [history]);
  if (history === undefined) return null;
  const selected = machine.states.find(each => each.name === state);
  return (
    <>
      {history.error === null ? null : (
        <p class="bad">
          {history.error}: {history.cause}
        </p>
      )}
      <MachineGraphView {...{ name, machine, path }} selected={state} onSelect={setState} />
      {selected === undefined ? (
        <p class="empty">Select a state to see its input, output and failures.</p>
      ) : (
        <>
          <h3>
            {selected.name}{" "}
            <span class="empty">
              {selected.type}
              {selected.calls === undefined ? "" : ` ${selected.calls}`}
            </span>
          </h3>
          <Visits visits={path.visits.get(selected.name) ?? []} />
        </>
      )}
      {arn === undefined ? null : <Events history={history} />}
    </>
  );
};

/** A Map state may visit its inner states thousands of times. */
const MAX_VISITS = 20;

const Visits = ({ visits }: { visits: Visit[] }) => {
  if (visits.length === 0) return <p class="empty">This execution did not enter it.</p>;
  const shown = visits.slice(-MAX_VISITS);
  return (
    <>
      {shown.length < visits.length ? (
        <p class="empty">
          The last {MAX_VISITS} of {visits.length} visits.
        </p>
      ) : null}
      <ol class="cards">
        {shown.map(({ enteredMs, exitedMs, input, output, failures, status }, index) => (
          <li key={visits.length - shown.length + index}>
            <details open={shown.length === 1}>
              <summary>
                <Time atMs={enteredMs} isExact /> <span class={`status ${status}`}>{status}</span>
                {exitedMs === null ? "" : `, ${formatDuration(exitedMs - enteredMs)}`}
              </summary>
              {failures.map(({ error, cause }, attempt) => (
                <p class="bad" key={attempt}>
                  try {attempt + 1}: {error} {cause}
                </p>
              ))}
              <h4>Input</h4>
              <pre>{formatJson(input)}</pre>
              <h4>Output</h4>
              {output === null ? <p class="empty">None.</p> : <pre>{formatJson(output)}</pre>}
            </details>
          </li>
        ))}
      </ol>
    </>
  );
};

const Events = ({ history: { events } }: { history: ExecutionHistory }) => {
  const startMs = (events[0]?.timestamp ?? 0) * 1000;
  return (
    <details open>
      <summary>All {events.length} events</summary>
      <ol class="steps">
        {events.map(event => (
          <li key={event.id} class={/Failed|TimedOut|Aborted/.test(event.type) ? "bad" : undefined}>
            <details>
              <summary>
                <span class="when">+{formatDuration(Math.max(0, event.timestamp * 1000 - startMs))}</span> {event.type}{" "}
                <b>{subjectOf(event)}</b>
              </summary>
              <pre>{detailsOf(event)}</pre>
            </details>
          </li>
        ))}
      </ol>
    </details>
  );
};

const subjectOf = (event: HistoryEvent) => {
  const { name, resource, error } = readDetails(event);
  return String(name ?? error ?? (typeof resource === "string" ? resource.split(":").at(-1) : ""));
};

const detailsOf = (event: HistoryEvent) =>
  Object.entries(readDetails(event))
    .map(([key, value]) => `${key}: ${typeof value === "string" ? formatJson(value) : JSON.stringify(value, null, 2)}`)
    .join("\n");

export { MachinePanel };
