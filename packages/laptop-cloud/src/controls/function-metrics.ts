import { AwsError } from "../kernel/aws-error";
import { pageReader } from "../kernel/caller";
import type { Cloud } from "../kernel/service";
import type { FunctionMetrics } from "../protocol";
import { findResource } from "./find-resource";

const MINUTE_MS = 60_000;
const MINUTES = 60;

/** The metrics that are read, with CloudWatch's names. */
const QUERIES = { invocations: ["Invocations", "Sum"], errors: ["Errors", "Sum"], p95Ms: ["Duration", "p95"] } as const;

/** What a function did in the last hour. Throws `HttpError` 404. */
const readFunctionMetrics = async (cloud: Cloud, name: string | null): Promise<FunctionMetrics> => {
  const { outputs } = findResource(cloud.inventory, "aws:lambda/function:Function", name, "function");
  const Dimensions = [{ Name: "FunctionName", Value: outputs["name"] }];
  const lastMs = Math.floor(cloud.clock.nowMs() / MINUTE_MS) * MINUTE_MS;
  const firstMs = lastMs - (MINUTES - 1) * MINUTE_MS;
  const input = {
    StartTime: firstMs / 1000,
    EndTime: lastMs / 1000 + 60,
    MetricDataQueries: Object.entries(QUERIES).map(([Id, [MetricName, Stat]]) => ({
      Id,
      MetricStat: { Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions }, Period: 60, Stat },
    })),
  };
  const results = await readMetricData(cloud, input);
  const valuesOf = (id: keyof typeof QUERIES): Map<number, number> => {
    const { Timestamps = [], Values = [] } = results.find(({ Id }) => Id === id) ?? {};
    return new Map(Timestamps.map((timestamp, index) => [timestamp * 1000, Values[index]!]));
  };
  const [invocations, errors, p95Ms] = [valuesOf("invocations"), valuesOf("errors"), valuesOf("p95Ms")];
  return {
    minutes: Array.from({ length: MINUTES }, (_, index) => {
      const atMs = firstMs + index * MINUTE_MS;
      return { atMs, invocations: invocations.get(atMs) ?? 0, errors: errors.get(atMs) ?? 0, p95Ms: p95Ms.get(atMs) ?? null };
    }),
  };
};

interface MetricResult {
  Id: string;
  /** Epoch seconds. */
  Timestamps: number[];
  Values: number[];
}

/** A cloud without CloudWatch, as in tests of single services, has no metrics. */
const readMetricData = async (cloud: Cloud, input: object): Promise<MetricResult[]> => {
  try {
    return (await cloud.call("monitoring", "GetMetricData", input, pageReader)).MetricDataResults;
  } catch (error) {
    if (error instanceof AwsError && error.code === "UnknownService") return [];
    throw error;
  }
};

export { readFunctionMetrics };
