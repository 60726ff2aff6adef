import { control, formatMoment, type PanelProps, useLiveData, usePage } from "@slack-fanout/laptop-cloud/page";
import { useSession } from "@slack-fanout/pretend-slack/page";
import { useMemo } from "preact/hooks";
import { buildChart, buildSamples, type Sample } from "./chart";
import { findTable, isByTeam } from "./find-table";
import { filterWords } from "./words";

const MAX_WORDS = 12;

/** The chart goes back as far as these rows of the table of messages. */
const MAX_MESSAGES = 2000;

/** The leaderboard as one person sees it, and a chart of its counts over time. */
const WordsPanel = ({ program, nowMs }: PanelProps) => {
  const [table, seenTable] = [findTable(program, "wordsTable")!, findTable(program, "seenTable")];
  const byTeam = isByTeam(program);
  const { user, workspace } = useSession();
  const all = useLiveData(`items ${table}`, () => control.readItems(table));
  const seen = useLiveData(`messages ${seenTable}`, async () => seenTable && control.readItems(seenTable, MAX_MESSAGES));
  const items = useMemo(() => all && workspace && filterWords({ workspace, user, byTeam }, all), [all, workspace, user]);
  // The time is read when the tables were, not each second.
  const samples = useMemo(
    () => (all && seen && workspace ? buildSamples(all, seen, { workspace, user, byTeam }, nowMs) : []),
    [all, seen, workspace, user],
  );
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
  const { today } = usePage();
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
        <title>{new Date(chart.fromMs).toISOString()}</title>
        {formatMoment(chart.fromMs, today)}
      </text>
      <text x={chart.right} y={SIZE.height - 2} text-anchor="end">
        <title>{new Date(chart.toMs).toISOString()}</title>
        {formatMoment(chart.toMs, today)}
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
