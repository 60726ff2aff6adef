/** A small program with an agent in it; one default, and the configuration that a test is about. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Agent } from "../../components/agent";
import { Dibs } from "../../components/dibs";
import { HttpApi } from "../../components/http-api";
import { readSettings } from "../../components/settings";
import { createTable } from "../../components/table";
import { Topic } from "../../components/topic";

const makeAgent = (values: Record<string, string>): void => {
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries({ agentToken: "hush", ...values }).map(([key, value]) => [`slack-fanout:${key}`, value])),
  );
  const errors = new aws.sns.Topic("errors");
  const messages = new Topic("messages", { alarmTopic: errors, logRetentionDays: 7 });
  const shared = { errors, environment: { DEBUG: "false" }, logRetentionDays: 7, production: false };
  new Agent("agent", {
    ...shared,
    settings: readSettings(),
    messages,
    api: new HttpApi("api", { requestsPerSecond: 1, burst: 1, logRetentionDays: 7, alarmTopic: errors }),
    words: createTable("words", { partitionKey: "word:S", production: false }),
    boards: createTable("boards", { partitionKey: "board:S", production: false }),
    rankingIndex: "by-ranking",
    dibs: new Dibs("dibs", { ...shared, successes: new aws.sns.Topic("successes"), dibsDefault: null }),
    slackEnvironment: { ACCESS_TOKEN: "xoxb", SLACK_URL: "https://slack.com/api/" },
  });
};

export { makeAgent };
