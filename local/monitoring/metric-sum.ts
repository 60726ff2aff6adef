import { AwsError, notImitated } from "../kernel/aws-error";
import type { Metric } from "./metrics";

/** One of the queries of an alarm, as PutMetricAlarm takes it. */
interface MetricQuery {
  Id: string;
  Expression?: string;
  Label?: string;
  ReturnData?: boolean;
  Period?: number;
  MetricStat?: { Metric: Metric; Period: number; Stat: string };
}

/** Metrics that are added up, all by the same statistic and over the same period. */
interface MetricSum {
  metrics: [Metric, ...Metric[]];
  Statistic: string;
  Period: number;
}

/**
 * Reads the queries of an alarm as a sum of metrics, `a + b`.
 *
 * Behaves as "Using metric math"; differs: of its functions and operators there is `+`. Throws `AwsError` for anything else.
 */
const readMetricSum = (queries: readonly MetricQuery[]): MetricSum => {
  const returned = queries.filter(({ ReturnData }) => ReturnData !== false);
  const [sum] = queries.length === 1 ? queries : returned.filter(({ Expression }) => Expression !== undefined);
  const metric = queries.filter(each => each !== sum).find(({ ReturnData }) => ReturnData === true);
  if (sum === undefined || metric !== undefined) throw invalid("Metrics must have just one query with ReturnData true.");
  const ids = sum.Expression === undefined ? [sum.Id] : sum.Expression.split("+").map(id => id.trim());
  const [first, ...rest] = ids.map(id => statOf(queries, id, sum));
  if (first === undefined) throw invalid("Metrics is empty.");
  if (rest.some(({ Stat, Period }) => Stat !== first.Stat || Period !== first.Period))
    throw notImitated("an alarm on metrics of different statistics or periods");
  return { metrics: [first.Metric, ...rest.map(({ Metric }) => Metric)], Statistic: first.Stat, Period: first.Period };
};

const statOf = (queries: readonly MetricQuery[], id: string, { Id, Expression }: MetricQuery) => {
  if (!/^[a-z]\w*$/.test(id)) throw notImitated(`the expression ${JSON.stringify(Expression)} of the metric query ${Id}`);
  const found = queries.find(query => query.Id === id)?.MetricStat;
  if (found === undefined) throw invalid(`The metric query ${Id} names ${JSON.stringify(id)}, which is no metric of this alarm.`);
  return found;
};

const invalid = (message: string) => new AwsError("InvalidParameterValueException", message);

export type { MetricQuery, MetricSum };
export { readMetricSum };
