import { control } from "../control";
import { useReading } from "../reading";
import { showDuration, showTime } from "../show";
import { buildTrace, type TraceRow } from "../trace";
import type { PanelProps } from "./panel";

/** Everything that one message brought about, with times: as bars on one scale. */
const TracePanel = ({ trace, hearing, fail }: { trace: string | undefined } & Pick<PanelProps, "hearing" | "fail">) => {
  if (trace === undefined)
    return <p class="empty">Choose a message's “Trace”, or an invocation's, to see everything that it brought about.</p>;
  return <Rows key={trace} {...{ trace, hearing, fail }} />;
};

const Rows = ({ trace, hearing, fail }: { trace: string } & Pick<PanelProps, "hearing" | "fail">) => {
  const reading = useReading(hearing, `trace ${trace}`, () => control.readTrace(trace), fail);
  if (reading === undefined) return null;
  const rows = buildTrace(reading.steps);
  if (rows.length === 0) return <p class="empty">Nothing of it is kept any more.</p>;
  const startMs = Math.min(...rows.map(row => row.startMs));
  const lengthMs = Math.max(1, Math.max(...rows.map(row => row.startMs + row.ms)) - startMs);
  return (
    <>
      <p class="panel-line">
        {showTime(startMs)}, {rows.length} steps in {showDuration(lengthMs)} <code>{trace}</code>
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
      <span class="when">+{showDuration(Math.max(0, Math.round(row.startMs - startMs)))}</span>
      <span class="track" aria-hidden="true">
        <span style={{ left: `${left}%`, width: `max(3px, ${Math.min(100 - left, (row.ms / lengthMs) * 100)}%)` }} />
      </span>
      <span class="what">
        <b>{row.who}</b> {row.what}
      </span>
      <span class="number">{row.ms === 0 ? "" : showDuration(row.ms)}</span>
    </li>
  );
};

export { TracePanel };
