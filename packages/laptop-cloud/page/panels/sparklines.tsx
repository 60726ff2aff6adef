import { control } from "../control";
import { formatDuration } from "../format";
import { useLiveData } from "../use-live-data";

const WIDTH = 120;
const HEIGHT = 24;

/** A function's invocations, errors and p95 duration in each minute of the last hour. */
const Sparklines = ({ name }: { name: string }) => {
  const metrics = useLiveData(`metrics ${name}`, () => control.readFunctionMetrics(name));
  if (metrics === undefined) return null;
  const { minutes } = metrics;
  const invocations = minutes.map(each => each.invocations);
  const errors = minutes.map(each => each.errors);
  const durations = minutes.map(({ p95Ms }) => p95Ms ?? 0);
  const slowest = Math.max(0, ...durations);
  return (
    <ul class="sparklines" aria-label={`The last hour of ${name}`}>
      <Sparkline title="invocations" values={invocations} summary={String(sum(invocations))} />
      <Sparkline title="errors" values={errors} summary={String(sum(errors))} isBad={sum(errors) > 0} />
      <Sparkline title="slowest p95" values={durations} summary={slowest === 0 ? "none" : formatDuration(slowest)} />
    </ul>
  );
};

interface SparklineProps {
  title: string;
  /** One for each minute. */
  values: number[];
  summary: string;
  isBad?: boolean;
}

const Sparkline = ({ title, values, summary, isBad = false }: SparklineProps) => {
  const most = Math.max(...values);
  const width = WIDTH / values.length;
  return (
    <li class={isBad ? "bad" : undefined}>
      <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
        {values.map((value, index) => {
          const height = value === 0 ? 1 : Math.max(3, (value / most) * HEIGHT);
          return <rect key={index} x={index * width} y={HEIGHT - height} width={Math.max(1, width - 0.5)} height={height} />;
        })}
      </svg>
      <span>
        <b>{summary}</b> {title}
      </span>
    </li>
  );
};

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

export { Sparklines };
