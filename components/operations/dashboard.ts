import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { MetricName } from "#core/metrics";
import type { Redrivables } from "../resources/dead-letters";
import type { HttpApi } from "../resources/http-api";
import { ownMetric } from "../resources/own-metric";
import type { Table } from "../resources/table";
import type { Topic } from "../resources/topic";
import { parseArn } from "../wiring/arn";
import { buildPhysicalName } from "../wiring/physical-name";

interface DashboardArgs {
  api: HttpApi;
  /** The topic, whose functions and queues react to messages. */
  messages: Pick<Topic, "subscribers">;
  /** Everything with dead letters, by name. */
  redrivables: Redrivables;
  tables: Record<string, Table>;
  /** Topic of the alarms. Its ARN tells the region. */
  errors: aws.sns.Topic;
}

/** A metric with all its dimensions. */
interface Shown {
  namespace: string;
  metricName: string;
  dimensions: Record<string, pulumi.Input<string>>;
  stat: string;
  label: string;
}

/** The subscriber that is a queue of tasks for agents, if there are any. */
const AGENT = "agent";

const WIDTH = 12;
const HEIGHT = 6;
const PERIOD_SECONDS = 60;

/** One CloudWatch dashboard of the stack, made from the resources that it has. */
class Dashboard extends pulumi.ComponentResource {
  readonly outputs: { dashboardUrl: pulumi.Output<string> };

  constructor(name: string, { api, messages, redrivables, tables, errors }: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:cloudwatch:Dashboard", name, {}, opts);
    const region = errors.arn.apply(arn => parseArn(arn).region);
    const doors = Object.entries(api.doors);
    const subscribers = Object.entries(messages.subscribers);
    const consumers = subscribers.flatMap(([consumer, of]) =>
      "functionName" in of && of.functionName !== undefined ? [[consumer, of.functionName] as const] : [],
    );
    const functions = [...doors, ...consumers];
    const queues = subscribers.flatMap(([consumer, of]) => ("queueUrl" in of ? [[consumer, of.queueUrl] as const] : []));
    // The agents' containers report their metrics under the name of the agent.
    const agents = queues.filter(([consumer]) => consumer === AGENT).map(() => [AGENT, pulumi.output(buildPhysicalName(AGENT))] as const);
    const own = (metricName: MetricName, stat: string, of: readonly (readonly [string, pulumi.Output<string>])[]) =>
      of.map(([label, functionName]) => ({ ...ownMetric(metricName, functionName), stat, label: `${label} ${stat}` }));
    const ofApi = (metricName: string) => ({
      namespace: "AWS/ApiGateway",
      metricName,
      dimensions: { ApiId: api.id },
      stat: "Sum",
      label: metricName,
    });
    const ofFunctions = (metricName: string) =>
      functions.map(([label, FunctionName]) => ({
        namespace: "AWS/Lambda",
        metricName,
        dimensions: { FunctionName },
        stat: "Sum",
        label: `${label} ${metricName}`,
      }));
    const ofQueues = (metricName: string, queues: readonly (readonly [string, pulumi.Output<string>])[]) =>
      queues.map(([label, url]) => ({
        namespace: "AWS/SQS",
        metricName,
        dimensions: { QueueName: url.apply(nameOfQueue) },
        stat: "Maximum",
        label,
      }));
    const deadLetters = Object.entries(redrivables).map(([label, { deadLettersUrl }]) => [label, deadLettersUrl] as const);
    const ofTables = (metricName: string) =>
      Object.entries(tables).map(([label, { name: TableName }]) => ({
        namespace: "AWS/DynamoDB",
        metricName,
        dimensions: { TableName },
        stat: "Sum",
        label: `${label} ${metricName}`,
      }));

    const graphs: Record<string, Shown[]> = {
      "Acks, milliseconds": [...own("AckMs", "p50", doors), ...own("AckMs", "p99", doors)],
      "Requests and failures": ["Count", "4xx", "5xx"].map(ofApi),
      "Slack's retries and duplicates": [...own("SlackRetries", "Sum", doors), ...own("Duplicates", "Sum", doors)],
      "Messages and tokens": [...own("Messages", "Sum", doors), ...own("Tokens", "Sum", doors)],
      "Effects by subscriber": own("Effects", "Sum", consumers),
      "Lag by subscriber, milliseconds": own("LagMs", "Maximum", consumers),
      "Dead letters": ofQueues("ApproximateNumberOfMessagesVisible", deadLetters),
      "Oldest dead letter, seconds": ofQueues("ApproximateAgeOfOldestMessage", deadLetters),
      "Errors and throttles of functions": [...ofFunctions("Errors"), ...ofFunctions("Throttles")],
      "Write units and throttled writes of tables": [...ofTables("ConsumedWriteCapacityUnits"), ...ofTables("WriteThrottleEvents")],
      "Waits for turns, milliseconds": own("DibsWaitMs", "Maximum", doors),
      "Tasks of agents": own("AgentTurns", "Sum", agents),
      "Tokens of agents": own("AgentTokens", "Sum", agents),
      "Cost of agents' models, US dollars": own("AgentDollars", "Sum", agents),
      "Oldest message in a queue, seconds": ofQueues("ApproximateAgeOfOldestMessage", queues),
    };
    const widgets = Object.entries(graphs)
      .filter(([, shown]) => shown.length > 0)
      .map(([title, shown], index) => buildGraph(title, shown, index, region));
    const dashboard = new aws.cloudwatch.Dashboard(
      name,
      { dashboardName: buildPhysicalName(name), dashboardBody: pulumi.jsonStringify({ widgets }) },
      { parent: this },
    );
    const dashboardUrl = pulumi.interpolate`https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboardName}`;
    this.outputs = { dashboardUrl };
    this.registerOutputs(this.outputs);
  }
}

/**
 * Builds a widget; two stand in a row.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
const buildGraph = (title: string, shown: Shown[], index: number, region: pulumi.Output<string>) => ({
  type: "metric",
  x: (index % 2) * WIDTH,
  y: Math.floor(index / 2) * HEIGHT,
  width: WIDTH,
  height: HEIGHT,
  properties: {
    title,
    region,
    view: "timeSeries",
    period: PERIOD_SECONDS,
    metrics: shown.map(({ namespace, metricName, dimensions, stat, label }) => [
      namespace,
      metricName,
      ...Object.entries(dimensions).flat(),
      { stat, label },
    ]),
  },
});

const nameOfQueue = (url: string): string => url.slice(url.lastIndexOf("/") + 1);

export { Dashboard };
