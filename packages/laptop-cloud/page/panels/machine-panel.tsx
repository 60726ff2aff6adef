import { useState } from "preact/hooks";
import type { Execution, HistoryEvent } from "../../src/protocol";
import { control } from "../control";
import { formatDuration, formatJson, formatTime } from "../format";
import { useLiveData } from "../use-live-data";
import type { NodePanelProps } from "./panel-props";

/** A state machine's executions, newest first, and the history of the selected one. */
const MachinePanel = ({ name, nowMs }: NodePanelProps) => {
  const [selected, setSelected] = useState<string>();
  const machine = useLiveData(`machine ${name}`, () => control.readMachine(name));
  if (machine === undefined) return null;
  if (machine.executions.length === 0) return <p class="empty">No executions yet.</p>;
  const open = selected ?? machine.executions[0]!.arn;
  return (
    <div class="split">
      <ul class="choices" aria-label={`Executions of ${name}`}>
        {machine.executions.map(execution => (
          <li key={execution.arn}>
            <button type="button" aria-pressed={execution.arn === open} onClick={() => setSelected(execution.arn)}>
              <span class={`status ${execution.status.toLowerCase()}`}>{execution.status.toLowerCase().replace("_", " ")}</span>{" "}
              {formatTime(execution.startMs)}, {lengthOf(execution, nowMs)}
            </button>
          </li>
        ))}
      </ul>
      <History key={open} arn={open} />
    </div>
  );
};

const lengthOf = ({ startMs, stopMs }: Execution, nowMs: number) => formatDuration(Math.max(0, (stopMs ?? nowMs) - startMs));

const History = ({ arn }: { arn: string }) => {
  const history = useLiveData(`execution ${arn}`, () => control.readExecution(arn));
  if (history === undefined) return null;
  const startMs = (history.events[0]?.timestamp ?? 0) * 1000;
  return (
    <div>
      {history.error === null ? null : (
        <p class="bad">
          {history.error}: {history.cause}
        </p>
      )}
      <ol class="steps">
        {history.events.map(event => (
          <li key={event.id} class={/Failed|TimedOut|Aborted/.test(event.type) ? "bad" : undefined}>
            <details>
              <summary>
                <span class="when">+{formatDuration(Math.max(0, event.timestamp * 1000 - startMs))}</span> {event.type}{" "}
                <b>{stateOf(event)}</b>
              </summary>
              <pre>{detailsOf(event)}</pre>
            </details>
          </li>
        ))}
      </ol>
    </div>
  );
};

const eventDetailsOf = (event: HistoryEvent): Record<string, unknown> => {
  const key = Object.keys(event).find(name => name.endsWith("EventDetails"));
  return key === undefined ? {} : (event[key] as Record<string, unknown>);
};

const stateOf = (event: HistoryEvent) => {
  const { name, resource, error } = eventDetailsOf(event);
  return String(name ?? error ?? (typeof resource === "string" ? resource.split(":").at(-1) : ""));
};

const detailsOf = (event: HistoryEvent) =>
  Object.entries(eventDetailsOf(event))
    .map(([key, value]) => `${key}: ${typeof value === "string" ? formatJson(value) : JSON.stringify(value, null, 2)}`)
    .join("\n");

export { MachinePanel };
