import { bindOperations } from "../../../kernel/operations";
import type { Cloud, Service } from "../../../kernel/service";
import type { Alarms } from "../alarms";
import type { Metrics } from "../store";
import * as alarmOperations from "./alarms";
import * as metricOperations from "./metrics";

/**
 * The operations by the names that AWS gives them. Each behaves as its page in the CloudWatch API reference; differs: units are ignored,
 * values are kept for a day, merged by the minute, and metrics are listed on one page.
 */
const createOperations = (cloud: Cloud, metrics: Metrics, alarms: Alarms): Service["operations"] => ({
  ...bindOperations({ cloud, metrics }, { ...metricOperations }),
  ...bindOperations(alarms, { ...alarmOperations }),
});

export { createOperations };
