import type { Inventory } from "../../kernel/inventory";
import type { Occurrence } from "../../kernel/occurrences";
import type { Metric } from "./store";

/** Metrics that are derived from occurrences, by namespace: their names and their dimension. */
const occurred: Record<string, { names: string[]; dimension: string }> = {
  "AWS/ApiGateway": { names: ["4xx", "5xx", "Count", "Latency"], dimension: "ApiId" },
  "AWS/Lambda": { names: ["ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"], dimension: "FunctionName" },
};

interface Value {
  metric: Metric;
  value: number;
}

/**
 * The values that an occurrence adds to metrics of HTTP APIs ("Monitor CloudWatch metrics for HTTP APIs") and of functions ("Using CloudWatch
 * metrics with Lambda"). Milliseconds are this machine's.
 */
const valuesOf = (occurrence: Occurrence, inventory: Inventory): Value[] => {
  const { kind, from, detail = {} } = occurrence;
  if (kind === "http") {
    const status = Number(detail["status"]);
    return describe("AWS/ApiGateway", String(detail["apiId"]), {
      Count: 1,
      "4xx": Number(status >= 400 && status < 500),
      "5xx": Number(status >= 500),
      Latency: Number(detail["ms"]),
    });
  }
  if (kind === "invoked")
    return describe("AWS/Lambda", functionNameOf(from, inventory), {
      Invocations: 1,
      Errors: Number(detail["error"] !== undefined),
      Duration: Number(detail["ms"]),
      ConcurrentExecutions: Number(detail["concurrent"]),
    });
  return kind === "throttle" ? describe("AWS/Lambda", functionNameOf(from, inventory), { Throttles: 1 }) : [];
};

const functionNameOf = (label: string | undefined, inventory: Inventory): string =>
  inventory.ofType("aws:lambda/function:Function").find(({ name }) => name === label)?.outputs["name"] ?? label ?? "";

const describe = (Namespace: string, Value: string, values: Record<string, number>): Value[] =>
  Object.entries(values).map(([MetricName, value]) => ({
    metric: { Namespace, MetricName, Dimensions: [{ Name: occurred[Namespace]!.dimension, Value }] },
    value,
  }));

export { occurred, valuesOf };
