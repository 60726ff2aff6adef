import type * as pulumi from "@pulumi/pulumi";
import type { MetricName } from "#core/metrics";
import { DIMENSION, NAMESPACE } from "#core/metrics";

/** A metric that a function of the program reports itself, as CloudWatch names it. */
const ownMetric = (metricName: MetricName, functionName: pulumi.Input<string>) => ({
  namespace: NAMESPACE,
  metricName,
  dimensions: { [DIMENSION]: functionName },
});

export { ownMetric };
