import { Fragment } from "preact";
import { useMemo, useState } from "preact/hooks";
import { formatDuration } from "../format";
import { usePage } from "../page-context";
import { Time } from "../time";
import { buildTimeline, type Gap, type Timeline } from "../timeline";
import { flatten, type TraceSpan } from "../trace";
import { linkToTrace } from "../trace-link";
import "./trace.css";

interface Props {
  /** The spans of the trace to show; undefined until they have been read. */
  spans: TraceSpan[] | undefined;
  /** Id of the span that the diagram lights. */
  selected: string | undefined;
  onSelect(id: string | undefined): void;
}

/** A span with more inside is closed at first. */
const MAX_OPEN = 12;

/** The spans of one trace, as bars on a common line. Selecting one lights what it touched in the diagram. */
const TracePanel = ({ spans, ...rest }: Props) => {
  const { trace } = usePage();
  if (trace === undefined) return <p class="empty">Select “Trace” at a message or an invocation to see all of its steps.</p>;
  return spans === undefined ? null : <Spans key={trace} {...{ trace, spans }} {...rest} />;
};

const Spans = ({ trace, spans, selected, onSelect }: Props & { trace: string; spans: TraceSpan[] }) => {
  const timeline = useMemo(() => buildTimeline(spans), [spans]);
  /** Ids of the spans that somebody opened or closed. */
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  if (spans.length === 0) return <p class="empty">Its steps are no longer kept.</p>;
  const all = spans.flatMap(flatten);
  const startMs = spans[0]!.startMs;
  const endMs = Math.max(...all.map(span => span.startMs + span.ms));
  const shared = {
    timeline,
    startMs,
    selected,
    isOpen: ({ id, children }: TraceSpan) => toggled.get(id) ?? children.length <= MAX_OPEN,
    onToggle: (id: string, isOpen: boolean) => setToggled(before => new Map(before).set(id, isOpen)),
    onSelect,
  };
  return (
    <>
      <p class="panel-line">
        <span>
          <Time atMs={startMs} isExact />, {all.length} steps in {formatDuration(endMs - startMs)}
        </span>{" "}
        <code>{trace}</code> <a href={linkToTrace(trace)}>Link to this trace</a>
      </p>
      <SpanList spans={spans} label="Steps of the trace" depth={0} {...shared} />
    </>
  );
};

interface SharedProps extends Pick<Props, "selected" | "onSelect"> {
  timeline: Timeline;
  /** Start of the trace. */
  startMs: number;
  isOpen(span: TraceSpan): boolean;
  onToggle(id: string, isOpen: boolean): void;
}

interface ListProps extends SharedProps {
  spans: TraceSpan[];
  label: string;
  depth: number;
}

const SpanList = ({ spans, label, depth, ...shared }: ListProps) => (
  <ol class="trace" aria-label={label} style={{ "--depth": depth }}>
    {spans.map((span, index) => (
      <Fragment key={span.id}>
        {gapsBetween(shared.timeline, spans[index - 1], span).map(gap => (
          <li class="gap" key={gap.fromMs}>
            {formatDuration(gap.toMs - gap.fromMs)} of waiting
          </li>
        ))}
        <Span {...{ span, depth }} {...shared} />
      </Fragment>
    ))}
  </ol>
);

const gapsBetween = ({ gaps }: Timeline, before: TraceSpan | undefined, span: TraceSpan): Gap[] =>
  before === undefined ? [] : gaps.filter(({ toMs }) => toMs > before.startMs + before.ms && toMs <= span.startMs);

interface SpanProps extends SharedProps {
  span: TraceSpan;
  depth: number;
}

const Span = ({ span, depth, ...shared }: SpanProps) => {
  const { timeline, startMs, selected, isOpen, onToggle, onSelect } = shared;
  const [left, right] = [timeline.place(span.startMs), timeline.place(span.startMs + span.ms)];
  const opened = isOpen(span);
  const isSelected = selected === span.id;
  return (
    <li>
      <div class={`span ${span.kind}${span.failed ? " bad" : ""}${isSelected ? " selected" : ""}`}>
        <span class="when">+{formatDuration(Math.max(0, Math.round(span.startMs - startMs)))}</span>
        <span class="track" aria-hidden="true">
          {timeline.marks.map(({ left, width }) => (
            <span key={left} class="gap" style={{ left: `${left}%`, width: `${width}%` }} />
          ))}
          <span class="length" style={{ left: `min(${left}%, 100% - 3px)`, width: `max(3px, ${right - left}%)` }} />
        </span>
        <span class="what">
          {span.children.length === 0 ? null : (
            <button
              type="button"
              class="toggle"
              aria-expanded={opened}
              aria-label={`${span.children.length} inside ${span.who} ${span.what}`}
              onClick={() => onToggle(span.id, !opened)}
            />
          )}
          <button type="button" class="pick" aria-pressed={isSelected} onClick={() => onSelect(isSelected ? undefined : span.id)}>
            <b>{span.who}</b> {span.what}
          </button>
        </span>
        <span class="number">{span.ms === 0 ? "" : formatDuration(span.ms)}</span>
      </div>
      {span.children.length > 0 && opened ? (
        <SpanList spans={span.children} label={`Inside ${span.who}`} depth={depth + 1} {...shared} />
      ) : null}
    </li>
  );
};

export { TracePanel };
