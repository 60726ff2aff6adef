import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import { COUNTER, keyOfWord, MULTIPLIER, parseCounts, readVersions } from "./balance";
import { showWord, type Viewer } from "./words";

/** Counts at one time. */
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
const MAX_LINES = 6;

/** Labels that are closer than this would overlap. */
const LABEL_HEIGHT = 14;

/**
 * Builds the history of the words' counts from the messages in the table `seen`, so that it survives reloads and restarts. It starts with the
 * counts from messages that are no longer in the table.
 */
const buildSamples = (words: Items, seen: Items, viewer: Viewer, nowMs: number): Sample[] => {
  const [key = ""] = words.keys;
  const shown = words.items
    .map(item => ({ key: String(item[key]), name: showWord(viewer, String(item[key])), count: Number(item[words.sortedBy ?? ""]) }))
    .filter(({ name, count }) => name !== undefined && count > 0)
    .slice(0, MAX_LINES);
  if (shown.length === 0) return [];
  const nameOf = new Map(shown.map(({ key, name }) => [key, name!]));
  const changes = [COUNTER, MULTIPLIER]
    .flatMap(effect => [...readVersions(seen, effect).values()])
    .flatMap(version =>
      parseCounts(version).map(([token, count]) => ({
        atMs: version.atMs,
        key: keyOfWord(version, token, viewer.byTeam),
        by: count * version.times,
      })),
    )
    .filter(({ key, by }) => nameOf.has(key) && by !== 0)
    .sort((a, b) => a.atMs - b.atMs);
  const counts = Object.fromEntries(shown.map(({ name, count }) => [name!, count]));
  const now: Sample = { atMs: Math.max(nowMs, changes.at(-1)?.atMs ?? nowMs), counts: { ...counts } };
  for (const { key, by } of changes) counts[nameOf.get(key)!]! -= by;
  const samples: Sample[] = [{ atMs: (changes[0]?.atMs ?? nowMs) - 1, counts: { ...counts } }];
  for (const { atMs, key, by } of changes) {
    counts[nameOf.get(key)!]! += by;
    const last = samples.at(-1)!;
    if (last.atMs === atMs) last.counts = { ...counts };
    else samples.push({ atMs, counts: { ...counts } });
  }
  return [...samples.slice(-MAX_SAMPLES), now];
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
export { buildChart, buildSamples };
