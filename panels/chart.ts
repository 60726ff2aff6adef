import type { Items } from "../packages/laptop-cloud/page/control";

/** The counts of the first few at one time. */
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

const mostSamples = 400;
const mostTracked = 30;
const mostLines = 6;

/** Labels nearer than this would lie on one another. */
const labelHeight = 14;

/** Adds what was read now, if it differs from the last time. */
const takeSample = (samples: Sample[], { items, keys, sortedBy }: Items, atMs: number): Sample[] => {
  const [key] = keys;
  if (key === undefined || sortedBy === null) return samples;
  const counts = Object.fromEntries(items.slice(0, mostTracked).map(item => [String(item[key]), Number(item[sortedBy])]));
  if (JSON.stringify(samples.at(-1)?.counts) === JSON.stringify(counts)) return samples;
  return [...samples, { atMs, counts }].slice(-mostSamples);
};

/** Steps, not slopes: a count holds until the next one. Undefined before the first sample. */
const buildChart = (samples: Sample[], { width, height }: { width: number; height: number }): Chart | undefined => {
  const latest = samples.at(-1);
  if (latest === undefined) return undefined;
  const [left, right, top, bottom] = [40, width - 96, 10, height - 20];
  const [fromMs, toMs] = [samples[0]!.atMs, Math.max(latest.atMs, samples[0]!.atMs + 1)];
  const names = Object.keys(latest.counts).slice(0, mostLines);
  const largest = Math.max(1, ...names.map(name => latest.counts[name]!));
  const x = (atMs: number) => round(left + ((atMs - fromMs) / (toMs - fromMs)) * (right - left));
  const y = (count: number) => round(bottom - (count / largest) * (bottom - top));
  let lastLabel = top - labelHeight;
  const lines = names.map(name => {
    const steps = samples.map(({ atMs, counts }) => `H${x(atMs)}V${y(counts[name] ?? 0)}`);
    const last = latest.counts[name]!;
    lastLabel = Math.max(y(last), lastLabel + labelHeight);
    return { name, path: `M${left},${y(samples[0]!.counts[name] ?? 0)}${steps.join("")}H${right}`, last, labelY: lastLabel };
  });
  return { left, right, top, bottom, fromMs, toMs, largest, lines };
};

const round = (value: number) => Math.round(value * 10) / 10;

export type { Sample };
export { buildChart, takeSample };
