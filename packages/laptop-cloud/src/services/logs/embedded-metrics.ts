import { AwsError } from "../../kernel/aws-error";
import type { LogGroups } from "./store";

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit?: string }[];
}

/** The values of one metric, for one namespace, in the format of PutMetricData. */
interface Datum {
  MetricName: string;
  Dimensions: { Name: string; Value: string }[];
  /** Epoch seconds. */
  Timestamp: number;
  Values: number[];
  Unit?: string;
}

/** Begins every line in the format: other lines need not be parsed. */
const MARK = '"_aws"';

/**
 * Reads the metrics of a log line, by namespace. A line that is not in the format has none.
 *
 * Behaves as "Specification: Embedded metric format"; differs: what is malformed is left out, where CloudWatch counts it in EMFParsingErrors.
 */
const readEmbedded = (message: string): [namespace: string, data: Datum[]][] => {
  if (!message.includes(MARK)) return [];
  const root = parse(message);
  const { Timestamp, CloudWatchMetrics } = (root?.["_aws"] ?? {}) as { Timestamp?: unknown; CloudWatchMetrics?: unknown };
  if (root === undefined || typeof Timestamp !== "number" || !Array.isArray(CloudWatchMetrics)) return [];
  return (CloudWatchMetrics as Directive[]).map(({ Namespace, Dimensions = [], Metrics = [] }) => [
    Namespace,
    Metrics.flatMap(({ Name, Unit }) => {
      const Values = [root[Name]].flat().filter(value => typeof value === "number");
      if (Values.length === 0) return [];
      return Dimensions.map(names => ({
        MetricName: Name,
        Dimensions: names.map(name => ({ Name: name, Value: String(root[name]) })),
        Timestamp: Timestamp / 1000,
        Values,
        ...(Unit === undefined ? {} : { Unit }),
      }));
    }),
  ]);
};

const parse = (message: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** Makes metrics of the lines of a log group that are in the format, if CloudWatch runs. */
const extractMetrics = async (groups: LogGroups, group: string, messages: readonly string[]): Promise<void> => {
  const caller = { kind: "service", principal: "logs.amazonaws.com", sourceArn: groups.arnOf(group) } as const;
  for (const [Namespace, MetricData] of messages.flatMap(readEmbedded)) {
    try {
      await groups.cloud.call("monitoring", "PutMetricData", { Namespace, MetricData }, caller);
    } catch (error) {
      if (!(error instanceof AwsError && error.code === "UnknownService")) throw error;
    }
  }
};

export { extractMetrics, readEmbedded };
