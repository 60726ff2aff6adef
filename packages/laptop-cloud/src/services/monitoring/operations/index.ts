import type { Cloud, Service } from "../../../kernel/service";
import type { Alarms } from "../alarms";
import type { Metrics } from "../store";
import { deleteAlarms, describeAlarms, putMetricAlarm, setAlarmState } from "./alarms";
import { getMetricData, getMetricStatistics, listMetrics, putMetricData } from "./metrics";

/**
 * The operations by the names that AWS gives them. Each behaves as its page in the CloudWatch API reference; differs: units are ignored,
 * values are kept for a day, merged by the minute, and metrics are listed on one page.
 */
const createOperations = (cloud: Cloud, metrics: Metrics, alarms: Alarms): Service["operations"] => ({
  PutMetricData: putMetricData(cloud, metrics),
  ListMetrics: listMetrics(metrics),
  GetMetricStatistics: getMetricStatistics(metrics),
  GetMetricData: getMetricData(metrics),
  PutMetricAlarm: putMetricAlarm(alarms),
  DeleteAlarms: deleteAlarms(alarms),
  DescribeAlarms: describeAlarms(alarms),
  SetAlarmState: setAlarmState(alarms),
});

export { createOperations };
