/** Where the spans of a trace lie on a line. Long waits between them are cut short, so that what happened is not lost between them. */
import { flatten, type TraceSpan } from "./trace";

interface Gap {
  fromMs: number;
  toMs: number;
}

interface Timeline {
  /** Long waits, in order. */
  gaps: Gap[];
  /** Where each long wait lies, in percent of the line. Empty if they are too many to be seen. */
  marks: { left: number; width: number }[];
  /** Where a time lies, in percent of the line. */
  place(atMs: number): number;
}

/** Shorter waits are drawn as they are. */
const MIN_GAP_MS = 2000;

/** A wait is long if it takes this part of the time in which something happened. */
const GAP_SHARE = 0.2;

/** All gaps together take at most this part of the line. */
const MAX_GAPS_PERCENT = 30;
const GAP_PERCENT = 5;
/** A narrower gap is not drawn: each line would have hundreds of them, and the browser no time for anything else. */
const MIN_MARK_PERCENT = 1;

const buildTimeline = (roots: readonly TraceSpan[]): Timeline => {
  const busy = mergeIntervals(roots.flatMap(flatten).filter(({ children }) => children.length === 0));
  const pauses = busy.slice(1).map(({ fromMs }, index) => ({ fromMs: busy[index]!.toMs, toMs: fromMs }));
  const waits = pauses.filter(({ fromMs, toMs }) => toMs - fromMs >= MIN_GAP_MS);
  const [startMs, endMs] = [busy[0]?.fromMs ?? 0, busy.at(-1)?.toMs ?? 0];
  const activeMs = endMs - startMs - sumOf(waits);
  const gaps = waits.filter(({ fromMs, toMs }) => toMs - fromMs >= activeMs * GAP_SHARE);
  const gapPercent = gaps.length === 0 ? 0 : Math.min(GAP_PERCENT, MAX_GAPS_PERCENT / gaps.length);
  const drawnMs = Math.max(1, endMs - startMs - sumOf(gaps));
  const perMs = (100 - gapPercent * gaps.length) / drawnMs;
  const place = (atMs: number) => {
    let percent = (atMs - startMs) * perMs;
    for (const { fromMs, toMs } of gaps) {
      const passedMs = Math.min(Math.max(0, atMs - fromMs), toMs - fromMs);
      percent += passedMs * (gapPercent / (toMs - fromMs) - perMs);
    }
    return Math.min(100, Math.max(0, percent));
  };
  const marks = gapPercent < MIN_MARK_PERCENT ? [] : gaps.map(({ fromMs }) => ({ left: place(fromMs), width: gapPercent }));
  return { gaps, marks, place };
};

const mergeIntervals = (spans: readonly TraceSpan[]): Gap[] => {
  const merged: Gap[] = [];
  for (const { startMs, ms } of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const last = merged.at(-1);
    if (last !== undefined && startMs <= last.toMs) last.toMs = Math.max(last.toMs, startMs + ms);
    else merged.push({ fromMs: startMs, toMs: startMs + ms });
  }
  return merged;
};

const sumOf = (gaps: readonly Gap[]) => gaps.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);

export type { Gap, Timeline };
export { buildTimeline };
