import { AwsError, notImitated } from "../../kernel/aws-error";
import type { Metric } from "./store";

/** A metric query in the format of PutMetricAlarm. */
interface MetricQuery {
  Id: string;
  Expression?: string;
  Label?: string;
  ReturnData?: boolean;
  Period?: number;
  MetricStat?: { Metric: Metric; Period: number; Stat: string };
}

/** One metric of a sum. */
interface Term {
  metric: Metric;
  /** -1 if it is subtracted. */
  sign: 1 | -1;
  /** The value of a period without data. If absent, such a period has no sum. */
  fill?: number;
}

/** A sum of metrics with the same statistic and period. */
interface MetricSum {
  terms: [Term, ...Term[]];
  Statistic: string;
  Period: number;
}

const TERM = /^(?<sign>[+-]?)(?:FILL\((?<filled>[a-z]\w*),(?<fill>\d+)\)|(?<id>[a-z]\w*))$/;

/**
 * Parses an alarm's queries as a sum of metrics, `a + b` or `FILL(a, 0) - FILL(b, 0)`.
 *
 * Behaves as "Using metric math"; differs: only `FILL` with a number, `+` and `-` are supported. Throws `AwsError` for
 * anything else.
 */
const readMetricSum = (queries: readonly MetricQuery[]): MetricSum => {
  const returned = queries.filter(({ ReturnData }) => ReturnData !== false);
  const [sum] = queries.length === 1 ? queries : returned.filter(({ Expression }) => Expression !== undefined);
  const metric = queries.filter(each => each !== sum).find(({ ReturnData }) => ReturnData === true);
  if (sum === undefined || metric !== undefined) throw invalid("Metrics must have just one query with ReturnData true.");
  const parts = (sum.Expression ?? sum.Id).replace(/\s+/g, "").split(/(?=[+-])/);
  const [first, ...rest] = parts.map(part => readTerm(queries, part, sum));
  if (first === undefined) throw invalid("Metrics is empty.");
  const { Stat, Period } = first.stat;
  if (rest.some(({ stat }) => stat.Stat !== Stat || stat.Period !== Period))
    throw notImitated("an alarm on metrics of different statistics or periods");
  return { terms: [first.term, ...rest.map(({ term }) => term)], Statistic: Stat, Period };
};

const readTerm = (queries: readonly MetricQuery[], part: string, { Id, Expression }: MetricQuery) => {
  const { sign, filled, fill, id = filled } = TERM.exec(part)?.groups ?? {};
  if (id === undefined) throw notImitated(`the expression ${JSON.stringify(Expression)} of the metric query ${Id}`);
  const stat = queries.find(query => query.Id === id)?.MetricStat;
  if (stat === undefined) throw invalid(`The metric query ${Id} names ${JSON.stringify(id)}, which is not a metric of this alarm.`);
  const term: Term = { metric: stat.Metric, sign: sign === "-" ? -1 : 1, ...(fill === undefined ? {} : { fill: Number(fill) }) };
  return { term, stat };
};

const invalid = (message: string) => new AwsError("InvalidParameterValueException", message);

export type { MetricQuery, Term };
export { readMetricSum };
