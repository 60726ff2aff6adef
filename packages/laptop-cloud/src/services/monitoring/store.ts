import type { State } from "../../kernel/state";
import { merge, type StatisticSet } from "./statistic";

/** A metric, identified by its namespace, its name and all its dimensions. */
interface Metric {
  Namespace: string;
  MetricName: string;
  Dimensions: Dimension[];
}

interface Dimension {
  Name: string;
  Value: string;
}

interface Datapoint {
  atMs: number;
  set: StatisticSet;
}

/** Values are merged by the minute, as CloudWatch does after three hours. */
const MINUTE_MS = 60_000;
/** Alarms and the page need no older values. */
const RETENTION_MS = 24 * 60 * MINUTE_MS;

interface Series {
  metric: Metric;
  /** By the minute's beginning. */
  minutes: Map<number, StatisticSet>;
}

/** Values by metric and minute. `put` stores them; samples stay in memory, because they are measured again. */
class Metrics {
  readonly #series = new Map<string, Series>();

  constructor(private readonly state: State) {}

  async load() {
    for (const [key, { metric, set }] of await this.state.entries<{ metric: Metric; set: StatisticSet }>("minute/"))
      this.#seriesOf(metric).minutes.set(Number(key.split("/").at(-1)), set);
  }

  /** Stores values. Resolves when they are on disk. */
  async put(values: { metric: Metric; atMs: number; set: StatisticSet }[]) {
    const changes = values.map(({ metric, atMs, set }) => {
      const minute = floor(atMs);
      return { put: `minute/${keyOf(metric)}/${minute}`, value: { metric, set: this.#add(metric, minute, set) } };
    });
    await this.state.batch(changes);
  }

  /** Keeps a value in memory only. */
  sample(metric: Metric, atMs: number, set: StatisticSet) {
    this.#add(metric, floor(atMs), set);
  }

  /** One point for each period of `[fromMs, toMs)` that has values, in order. Periods are aligned to the epoch. */
  read(metric: Metric, fromMs: number, toMs: number, periodMs: number): Datapoint[] {
    const points = new Map<number, StatisticSet>();
    for (const [minute, set] of this.#series.get(keyOf(metric))?.minutes ?? []) {
      if (minute < fromMs || minute >= toMs) continue;
      const atMs = Math.floor(minute / periodMs) * periodMs;
      points.set(atMs, merge(points.get(atMs), set));
    }
    return [...points].sort(([a], [b]) => a - b).map(([atMs, set]) => ({ atMs, set }));
  }

  all(): Metric[] {
    return [...this.#series.values()].map(({ metric }) => metric);
  }

  /** Deletes values that are older than a day. */
  async prune(nowMs: number) {
    const changes: { delete: string }[] = [];
    for (const [key, { minutes }] of this.#series) {
      for (const minute of minutes.keys()) {
        if (minute >= nowMs - RETENTION_MS) continue;
        minutes.delete(minute);
        changes.push({ delete: `minute/${key}/${minute}` });
      }
      if (minutes.size === 0) this.#series.delete(key);
    }
    if (changes.length > 0) await this.state.batch(changes);
  }

  #add(metric: Metric, minute: number, set: StatisticSet): StatisticSet {
    const { minutes } = this.#seriesOf(metric);
    const merged = merge(minutes.get(minute), set);
    minutes.set(minute, merged);
    return merged;
  }

  #seriesOf(metric: Metric): Series {
    const key = keyOf(metric);
    const series = this.#series.get(key) ?? { metric, minutes: new Map<number, StatisticSet>() };
    this.#series.set(key, series);
    return series;
  }
}

const floor = (atMs: number) => Math.floor(atMs / MINUTE_MS) * MINUTE_MS;

/** The same for the same dimensions in any order. */
const keyOf = ({ Namespace, MetricName, Dimensions }: Metric): string =>
  [Namespace, MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort()].map(encodeURIComponent).join("&");

export type { Datapoint, Dimension, Metric };
export { Metrics, MINUTE_MS };
