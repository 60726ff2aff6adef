import { useEffect, useMemo } from "preact/hooks";
import { control } from "../packages/laptop-cloud/page/control";
import type { PanelProps } from "../packages/laptop-cloud/page/panels/panel";
import { useReading } from "../packages/laptop-cloud/page/reading";
import { showTime } from "../packages/laptop-cloud/page/show";
import type { Workspace } from "../packages/pretend-slack/page/slack";
import { buildChart, type Sample, takeSample } from "./chart";
import { wordsSeenBy } from "./words";

interface Props extends Pick<PanelProps, "hearing" | "fail" | "nowMs"> {
  /** Pulumi name of the table that counts words. */
  table: string;
  workspace: Workspace;
  user: string;
  samples: Sample[];
  onSample(samples: Sample[]): void;
}

const mostWords = 12;

/** The leaderboard as one person sees it, and how it came about since the page was opened. */
const WordsPanel = ({ table, workspace, user, samples, onSample, hearing, fail, nowMs }: Props) => {
  const all = useReading(hearing, `items ${table}`, () => control.readItems(table), fail);
  const items = useMemo(() => all && wordsSeenBy(workspace, user, all), [all, workspace, user]);
  // A sample belongs to a reading, whenever it is drawn.
  useEffect(() => {
    if (items !== undefined) onSample(takeSample(samples, items, nowMs));
  }, [items]);
  if (items === undefined) return null;
  if (items.items.length === 0) return <p class="empty">Nothing was counted yet.</p>;
  const [key = "", count = ""] = [items.keys[0], items.sortedBy ?? ""];
  const largest = Math.max(1, ...items.items.map(item => Number(item[count] ?? 0)));
  return (
    <div class="split words">
      <ol class="leaderboard" aria-label="Leaderboard">
        {items.items.slice(0, mostWords).map(item => (
          <li key={String(item[key])}>
            <span class="word">{String(item[key])}</span>
            <span class="bar-track" aria-hidden="true">
              <span style={{ width: `${(Number(item[count]) / largest) * 100}%` }} />
            </span>
            <span class="number">{String(item[count])}</span>
          </li>
        ))}
      </ol>
      <Chart samples={samples} />
    </div>
  );
};

const size = { width: 520, height: 190 };

const Chart = ({ samples }: { samples: Sample[] }) => {
  const chart = buildChart(samples, size);
  if (chart === undefined) return null;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-label={`Counts over time: ${chart.lines.map(({ name, last }) => `${name} ${last}`).join(", ")}`}
    >
      <line x1={chart.left} x2={chart.right} y1={chart.bottom} y2={chart.bottom} class="axis" />
      <line x1={chart.left} x2={chart.right} y1={chart.top} y2={chart.top} class="grid" />
      <text x={chart.left - 6} y={chart.top + 4} text-anchor="end">
        {chart.largest}
      </text>
      <text x={chart.left - 6} y={chart.bottom + 4} text-anchor="end">
        0
      </text>
      <text x={chart.left} y={size.height - 2}>
        {showTime(chart.fromMs)}
      </text>
      <text x={chart.right} y={size.height - 2} text-anchor="end">
        {showTime(chart.toMs)}
      </text>
      {chart.lines.map(({ name, path, labelY }, index) => (
        <g key={name} class={`series-${index}`}>
          <path d={path} />
          <text x={chart.right + 6} y={labelY + 4}>
            {name}
          </text>
        </g>
      ))}
    </svg>
  );
};

export { WordsPanel };
