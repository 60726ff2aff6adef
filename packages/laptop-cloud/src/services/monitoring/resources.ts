import { AwsError } from "../../kernel/aws-error";
import { acts, inert, physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../kernel/service";
import { type AlarmDefinition, parseAlarm } from "./alarm";
import type { MetricQuery } from "./metric-sum";
import { alarmArn } from "./notification";

/** The resource types of `aws.cloudwatch` that belong to metrics. */
const resources: Record<string, ResourceKind> = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    properties: {
      ...acts("name", "alarmDescription", "actionsEnabled", "alarmActions", "okActions", "insufficientDataActions", "namespace"),
      ...acts("metricName", "dimensions", "metricQueries", "statistic", "period", "evaluationPeriods", "datapointsToAlarm"),
      ...acts("threshold", "comparisonOperator", "treatMissingData"),
      ...inert("units are not distinguished", "unit"),
      ...inert("nothing asks for them", "tags", "tagsAll"),
    },
    check: declared => refusalOf(() => readDeclared(declared)),
    outputs: (declared, place) => {
      const name = physicalName(declared);
      return { id: name, name, arn: alarmArn(place, name) };
    },
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    properties: { ...acts("dashboardName"), ...inert("the page has sparklines of its own", "dashboardBody") },
    check: ({ inputs }) => refusalOf(() => verifyBody(inputs["dashboardBody"])),
    outputs: ({ inputs }, { account }: Place) => {
      const name = String(inputs["dashboardName"]);
      return { id: name, dashboardArn: `arn:aws:cloudwatch::${account}:dashboard/${name}` };
    },
  },
};

/** PutDashboard, "DashboardBody": JSON with an array of widgets. Throws `AwsError`. */
const verifyBody = (body: unknown): void => {
  let widgets: unknown;
  try {
    widgets = (JSON.parse(String(body)) as { widgets?: unknown }).widgets;
  } catch {
    throw new AwsError("InvalidParameterInput", "dashboardBody is not JSON");
  }
  if (!Array.isArray(widgets)) throw new AwsError("InvalidParameterInput", "dashboardBody must be an object with an array of widgets");
};

/** A declared alarm in the format of PutMetricAlarm. Throws `AwsError`. */
const readDeclared = (declared: Declared): AlarmDefinition => {
  const { inputs } = declared;
  return parseAlarm({
    AlarmName: physicalName(declared),
    AlarmDescription: inputs["alarmDescription"],
    ActionsEnabled: inputs["actionsEnabled"],
    AlarmActions: inputs["alarmActions"],
    OKActions: inputs["okActions"],
    InsufficientDataActions: inputs["insufficientDataActions"],
    Namespace: inputs["namespace"],
    MetricName: inputs["metricName"],
    ...(inputs["metricQueries"] === undefined
      ? { Dimensions: dimensionsOf(inputs["dimensions"]) }
      : { Metrics: (inputs["metricQueries"] as DeclaredQuery[]).map(readQuery) }),
    Statistic: inputs["statistic"],
    Period: inputs["period"],
    EvaluationPeriods: inputs["evaluationPeriods"],
    DatapointsToAlarm: inputs["datapointsToAlarm"],
    Threshold: inputs["threshold"],
    ComparisonOperator: inputs["comparisonOperator"],
    TreatMissingData: inputs["treatMissingData"],
  });
};

/** A query as @pulumi/aws declares it. */
interface DeclaredQuery {
  id: string;
  expression?: string;
  label?: string;
  returnData?: boolean;
  metric?: { namespace: string; metricName: string; dimensions?: Record<string, string>; stat: string; period: number };
}

const readQuery = ({ id, expression, label, metric, returnData = false }: DeclaredQuery): MetricQuery => ({
  Id: id,
  Label: label,
  ReturnData: returnData,
  ...(metric === undefined
    ? { Expression: expression }
    : {
        MetricStat: {
          Metric: { Namespace: metric.namespace, MetricName: metric.metricName, Dimensions: dimensionsOf(metric.dimensions) },
          Period: metric.period,
          Stat: metric.stat,
        },
      }),
});

const dimensionsOf = (dimensions: Record<string, string> = {}) => Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

export { readDeclared, resources };
