/** The merged values of a metric in a period. */
interface StatisticSet {
  sum: number;
  minimum: number;
  maximum: number;
  sampleCount: number;
  /** How often each value occurred, rounded to two digits. Absent for values that were reported as statistics only. */
  counts?: Record<string, number>;
}

const statistics = {
  SampleCount: ({ sampleCount }: StatisticSet) => sampleCount,
  Average: ({ sum, sampleCount }: StatisticSet) => sum / sampleCount,
  Sum: ({ sum }: StatisticSet) => sum,
  Minimum: ({ minimum }: StatisticSet) => minimum,
  Maximum: ({ maximum }: StatisticSet) => maximum,
};
type Statistic = keyof typeof statistics;

const isStatistic = (name: unknown): name is Statistic => typeof name === "string" && Object.hasOwn(statistics, name);

const statisticOf = (set: StatisticSet, statistic: Statistic): number => statistics[statistic](set);

/** The share of a percentile's name: 0.95 for "p95". Undefined for other names. */
const parsePercentile = (name: string): number | undefined => {
  const [, percent] = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name) ?? [];
  return percent === undefined ? undefined : Number(percent) / 100;
};

/** The smallest value that this share of the values does not pass. Undefined where the values are not known. */
const percentileOf = ({ counts, sampleCount }: StatisticSet, share: number): number | undefined => {
  let left = Math.max(1, Math.ceil(sampleCount * share));
  const values = Object.entries(counts ?? {}).map(([value, count]) => ({ value: Number(value), count }));
  for (const { value, count } of values.sort((a, b) => a.value - b.value)) {
    left -= count;
    if (left <= 0) return value;
  }
  return undefined;
};

/** `count` times the same value. */
const setOf = (value: number, count = 1): StatisticSet => ({
  sum: value * count,
  minimum: value,
  maximum: value,
  sampleCount: count,
  counts: { [Number(value.toPrecision(2))]: count },
});

const merge = (a: StatisticSet | undefined, b: StatisticSet): StatisticSet =>
  a === undefined
    ? b
    : {
        sum: a.sum + b.sum,
        minimum: Math.min(a.minimum, b.minimum),
        maximum: Math.max(a.maximum, b.maximum),
        sampleCount: a.sampleCount + b.sampleCount,
        ...(a.counts === undefined || b.counts === undefined ? {} : { counts: addCounts(a.counts, b.counts) }),
      };

const addCounts = (a: Record<string, number>, b: Record<string, number>) => {
  const counts = { ...a };
  for (const [value, count] of Object.entries(b)) counts[value] = (counts[value] ?? 0) + count;
  return counts;
};

export type { Statistic, StatisticSet };
export { isStatistic, merge, parsePercentile, percentileOf, setOf, statisticOf, statistics };
