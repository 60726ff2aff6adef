import type { Trace } from "../../src/protocol";
import { formatDuration, formatTime } from "../format";
import { usePage } from "../page-context";
import { buildTrace, type StepDescribers, type TraceRow } from "../trace";

interface Props {
  /** The steps of the trace to show; undefined until they have been read. */
  steps: Trace["steps"] | undefined;
  describers: StepDescribers;
}

/** The steps of one trace with their times, as bars on a common scale. */
const TracePanel = ({ steps, describers }: Props) => {
  const { trace } = usePage();
  if (trace === undefined) return <p class="empty">Select “Trace” at a message or an invocation to see all of its steps.</p>;
  return steps === undefined ? null : <Rows key={trace} {...{ trace, steps, describers }} />;
};

const Rows = ({ trace, steps, describers }: { trace: string; steps: Trace["steps"]; describers: StepDescribers }) => {
  const rows = buildTrace(steps, describers);
  if (rows.length === 0) return <p class="empty">Its steps are no longer kept.</p>;
  const startMs = Math.min(...rows.map(row => row.startMs));
  const lengthMs = Math.max(1, Math.max(...rows.map(row => row.startMs + row.ms)) - startMs);
  return (
    <>
      <p class="panel-line">
        {formatTime(startMs)}, {rows.length} steps in {formatDuration(lengthMs)} <code>{trace}</code>
      </p>
      <ol class="trace" aria-label="Steps of the trace">
        {rows.map((row, index) => (
          <Row key={`${row.startMs} ${index}`} row={row} startMs={startMs} lengthMs={lengthMs} />
        ))}
      </ol>
    </>
  );
};

const Row = ({ row, startMs, lengthMs }: { row: TraceRow; startMs: number; lengthMs: number }) => {
  const left = ((row.startMs - startMs) / lengthMs) * 100;
  return (
    <li class={`${row.kind}${row.failed ? " bad" : ""}`}>
      <span class="when">+{formatDuration(Math.max(0, Math.round(row.startMs - startMs)))}</span>
      <span class="track" aria-hidden="true">
        <span style={{ left: `${left}%`, width: `max(3px, ${Math.min(100 - left, (row.ms / lengthMs) * 100)}%)` }} />
      </span>
      <span class="what">
        <b>{row.who}</b> {row.what}
      </span>
      <span class="number">{row.ms === 0 ? "" : formatDuration(row.ms)}</span>
    </li>
  );
};

export { TracePanel };
