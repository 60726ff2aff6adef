import type { Items } from "@slack-fanout/laptop-cloud/protocol";

/** The largest counts at one time. */
interface Sample {
  atMs: number;
  counts: Record<string, number>;
}

interface Chart {
  left: number;
  right: number;
  top: number;
  bottom: number;
  fromMs: number;
  toMs: number;
  largest: number;
  lines: { name: string; path: string; last: number; labelY: number }[];
}

const MAX_SAMPLES = 400;
const MAX_COUNTS = 30;
const MAX_LINES = 6;

/** Labels that are closer than this would overlap. */
const LABEL_HEIGHT = 14;

/** Adds a sample of the items, if it differs from the last one. */
const addSample = (samples: Sample[], { items, keys, sortedBy }: Items, atMs: number): Sample[] => {
  const [key] = keys;
  if (key === undefined || sortedBy === null) return samples;
  const counts = Object.fromEntries(items.slice(0, MAX_COUNTS).map(item => [String(item[key]), Number(item[sortedBy])]));
  if (JSON.stringify(samples.at(-1)?.counts) === JSON.stringify(counts)) return samples;
  return [...samples, { atMs, counts }].slice(-MAX_SAMPLES);
};

/** Builds a step chart, because a count holds until the next sample. Undefined without samples. */
const buildChart = (samples: Sample[], { width, height }: { width: number; height: number }): Chart | undefined => {
  const latest = samples.at(-1);
  if (latest === undefined) return undefined;
  const [left, right, top, bottom] = [40, width - 96, 10, height - 20];
  const [fromMs, toMs] = [samples[0]!.atMs, Math.max(latest.atMs, samples[0]!.atMs + 1)];
  const names = Object.keys(latest.counts).slice(0, MAX_LINES);
  const largest = Math.max(1, ...names.map(name => latest.counts[name]!));
  const x = (atMs: number) => round(left + ((atMs - fromMs) / (toMs - fromMs)) * (right - left));
  const y = (count: number) => round(bottom - (count / largest) * (bottom - top));
  let lastLabel = top - LABEL_HEIGHT;
  const lines = names.map(name => {
    const steps = samples.map(({ atMs, counts }) => `H${x(atMs)}V${y(counts[name] ?? 0)}`);
    const last = latest.counts[name]!;
    lastLabel = Math.max(y(last), lastLabel + LABEL_HEIGHT);
    return { name, path: `M${left},${y(samples[0]!.counts[name] ?? 0)}${steps.join("")}H${right}`, last, labelY: lastLabel };
  });
  return { left, right, top, bottom, fromMs, toMs, largest, lines };
};

const round = (value: number) => Math.round(value * 10) / 10;

export type { Sample };
export { addSample, buildChart };
