import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Topic } from "../../components/topic";
import { runMocked } from "./mocked";
import { find, nothing } from "./registered";

describe("topic", () => {
  it("knows its subscribers by their names, a queue by whose it is, with where their failures end", async () => {
    const found: Record<string, unknown> = {};
    const { resources } = await runMocked(() => {
      const topic = new Topic("messages", { alarmTopic: new aws.sns.Topic("errors"), logRetentionDays: 7 });
      topic.subscribe("logger", nothing);
      topic.subscribeQueue("agent-tasks", "agent", { filter: {}, visibilitySeconds: 120, receives: 3 });
      for (const [name, subscriber] of Object.entries(topic.subscribers))
        for (const [key, output] of Object.entries(subscriber) as [string, pulumi.Output<string>][])
          output.apply(value => Object.assign(found, { [`${name}.${key}`]: value }));
    });
    expect(found).to.deep.equal({
      "logger.functionName": "logger",
      "logger.deadLettersUrl": "https://mock/logger-dead-letters",
      "agent.queueUrl": "https://mock/agent-tasks",
      "agent.deadLettersUrl": "https://mock/agent-tasks-dead-letters",
    });
    expect(find(resources, "aws:sns/topic:Topic", "messages")).to.deep.equal({});
  });
});
