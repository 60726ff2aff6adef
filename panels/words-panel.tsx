import { control, formatTime, type PanelProps, Store, useLiveData, useStore } from "@slack-fanout/laptop-cloud/page";
import { useSession } from "@slack-fanout/pretend-slack/page";
import { useEffect, useMemo } from "preact/hooks";
import { addSample, buildChart, type Sample } from "./chart";
import { findTable } from "./find-table";
import { filterWords } from "./words";

const MAX_WORDS = 12;

/** Counts since the page was opened. They stay while another tab is open. */
const sampleStore = new Store<Sample[]>([]);

/** The leaderboard as one person sees it, and a chart of its counts since the page was opened. */
const WordsPanel = ({ program, nowMs }: PanelProps) => {
  const table = findTable(program, "wordsTable")!;
  const { user, workspace } = useSession();
  const samples = useStore(sampleStore);
  const all = useLiveData(`items ${table}`, () => control.readItems(table));
  const items = useMemo(() => all && workspace && filterWords(workspace, user, all), [all, workspace, user]);
  // Adds one sample per read, not one per render.
  useEffect(() => {
    if (items !== undefined) sampleStore.set(addSample(sampleStore.value, items, nowMs));
  }, [items]);
  if (items === undefined) return null;
  if (items.items.length === 0) return <p class="empty">No words were counted yet.</p>;
  const [key = "", count = ""] = [items.keys[0], items.sortedBy ?? ""];
  const largest = Math.max(1, ...items.items.map(item => Number(item[count] ?? 0)));
  return (
    <div class="split words">
      <ol class="leaderboard" aria-label="Leaderboard">
        {items.items.slice(0, MAX_WORDS).map(item => (
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

const SIZE = { width: 520, height: 190 };

const Chart = ({ samples }: { samples: Sample[] }) => {
  const chart = buildChart(samples, SIZE);
  if (chart === undefined) return null;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
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
      <text x={chart.left} y={SIZE.height - 2}>
        {formatTime(chart.fromMs)}
      </text>
      <text x={chart.right} y={SIZE.height - 2} text-anchor="end">
        {formatTime(chart.toMs)}
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
