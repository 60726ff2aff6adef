import { AwsError } from "../../kernel/aws-error";
import type { Cloud } from "../../kernel/service";
import type { ExecutionRecord, ExecutionStatus } from "./execution";

/** "Execution metrics", by how an execution ended. */
const metricNames: Record<Exclude<ExecutionStatus, "RUNNING">, string> = {
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
};

/** Reports an ended execution and its duration to CloudWatch, if that service runs. */
const reportExecution = async ({ call }: Cloud, { status, stateMachineArn, startMs, stopMs = startMs, trace }: ExecutionRecord) => {
  if (status === "RUNNING") return;
  const Dimensions = [{ Name: "StateMachineArn", Value: stateMachineArn }];
  const MetricData = [
    { MetricName: metricNames[status], Dimensions, Value: 1, Unit: "Count" },
    { MetricName: "ExecutionTime", Dimensions, Value: stopMs - startMs, Unit: "Milliseconds" },
  ];
  try {
    await call(
      "monitoring",
      "PutMetricData",
      { Namespace: "AWS/States", MetricData },
      { kind: "service", principal: "states.amazonaws.com", sourceArn: stateMachineArn, trace },
    );
  } catch (error) {
    if (!(error instanceof AwsError && error.code === "UnknownService")) throw error;
  }
};

export { reportExecution };
