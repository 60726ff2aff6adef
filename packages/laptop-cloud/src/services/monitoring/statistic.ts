/** The merged values of a metric in a period. */
interface StatisticSet {
  sum: number;
  minimum: number;
  maximum: number;
  sampleCount: number;
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

/** `count` times the same value. */
const setOf = (value: number, count = 1): StatisticSet => ({ sum: value * count, minimum: value, maximum: value, sampleCount: count });

const merge = (a: StatisticSet | undefined, b: StatisticSet): StatisticSet =>
  a === undefined
    ? b
    : {
        sum: a.sum + b.sum,
        minimum: Math.min(a.minimum, b.minimum),
        maximum: Math.max(a.maximum, b.maximum),
        sampleCount: a.sampleCount + b.sampleCount,
      };

export type { Statistic, StatisticSet };
export { isStatistic, merge, setOf, statisticOf, statistics };
