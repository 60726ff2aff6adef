import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Topic } from "../../components/topic";
import { runMocked } from "./mocked";
import { find, idle, makeFeatureArgs } from "./registered";

describe("topic", () => {
  it("registers its subscribers by name, with their dead-letter queues", async () => {
    const found: Record<string, unknown> = {};
    const { resources } = await runMocked(() => {
      const shared = makeFeatureArgs();
      const topic = new Topic("messages", shared);
      topic.subscribe("logger", idle, {});
      topic.subscribeQueue("agent-tasks", "agent", { filter: {}, visibilitySeconds: 120, receives: 3 });
      expect(shared.redrivables).to.deep.equal(topic.subscribers);
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
