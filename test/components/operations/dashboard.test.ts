import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Dashboard } from "../../../components/operations/dashboard";
import { HttpApi } from "../../../components/resources/http-api";
import { runMocked } from "../mocked";
import { find, makeFeatureArgs } from "../registered";

interface Widget {
  properties: { metrics: [namespace: string, metricName: string, ...(string | object)[]][] };
}

describe("dashboard", () => {
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
});
