import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Dashboard } from "../../../components/operations/dashboard";
import { HttpApi } from "../../../components/resources/http-api";
import { runWholeProgram } from "../../program";
import { runMocked } from "../mocked";
import { find, makeFeatureArgs } from "../registered";

interface Widget {
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title: string; region: string; metrics: [namespace: string, metricName: string, ...(string | object)[]][] };
}

describe("dashboard", () => {
  let widgets: Widget[];
  let names: unknown[];

  before(async () => {
    const { inventory } = await runWholeProgram();
    const [dashboard] = inventory.ofType("aws:cloudwatch/dashboard:Dashboard");
    widgets = JSON.parse(dashboard!.inputs["dashboardBody"]).widgets;
    names = inventory.resources.flatMap(({ outputs }) => [outputs["name"], outputs["id"]]);
  });

  const metricsOf = (title: string) => widgets.find(({ properties }) => properties.title === title)?.properties.metrics ?? [];

  it("shows the acks of every door, and the lag of every subscriber", () => {
    expect(metricsOf("Acks, milliseconds")).to.deep.include([
      "slack-fanout",
      "AckMs",
      "service",
      "webhook",
      { stat: "p99", label: "webhook p99" },
    ]);
    const labels = metricsOf("Lag by subscriber, milliseconds").map(metric => (metric.at(-1) as { label: string }).label);
    expect(labels).to.include.members(["multiplier Maximum", "leaderboard Maximum", "logger Maximum", "archiver Maximum"]);
  });

  it("names only resources that the stack has", () => {
    const dimensions = widgets.flatMap(({ properties }) => properties.metrics.map(metric => metric[3]));
    expect(dimensions).to.have.length.greaterThan(20);
    for (const value of dimensions) expect(names).to.include(value);
    for (const { properties } of widgets) expect(properties.region).to.equal("us-east-1");
  });

  it("shows the agents' tasks, tokens, cost and queue where agents are on", async () => {
    const { resources } = await runMocked(() => {
      const args = makeFeatureArgs();
      const url = pulumi.output("https://sqs.us-east-1.amazonaws.com/0/agent-tasks");
      const agent = { queueUrl: url, deadLettersUrl: url };
      const api = new HttpApi("api", { ...args, requestsPerSecond: 1, burst: 1 });
      new Dashboard("dashboard", { ...args, api, messages: { subscribers: { agent } }, tables: {} });
    });

    const { widgets: shown } = JSON.parse(find(resources, "aws:cloudwatch/dashboard:Dashboard")["dashboardBody"]) as { widgets: Widget[] };
    const agents = shown.flatMap(({ properties }) => properties.metrics.map(metric => metric.slice(1, 4).join(" ")));
    expect(agents).to.include.members([
      "AgentTurns service slack-fanout-test-agent",
      "AgentTokens service slack-fanout-test-agent",
      "AgentDollars service slack-fanout-test-agent",
      "ApproximateAgeOfOldestMessage QueueName agent-tasks",
    ]);
  });

  it("lays the graphs out in CloudWatch's 24 columns, none over another", () => {
    const cells = widgets.map(({ x, y }) => `${x} ${y}`);
    expect(new Set(cells).size).to.equal(cells.length);
    for (const { x, width } of widgets) expect(x + width).to.be.at.most(24);
  });
});
