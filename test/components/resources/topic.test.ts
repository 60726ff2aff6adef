import type * as pulumi from "@pulumi/pulumi";
import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { TableName } from "#core/named";
import { Table } from "../../../components/resources/table";
import { Topic } from "../../../components/resources/topic";
import { publish, update } from "../../../components/wiring/grants";
import { runMocked } from "../mocked";
import { find, idle, makeFeatureArgs } from "../registered";

describe("topic", () => {
  it("registers its subscribers by name, with their dead-letter queues", async () => {
    const found: Record<string, unknown> = {};
    const { resources } = await runMocked(() => {
      const shared = makeFeatureArgs();
      const topic = new Topic("messages", shared);
      topic.subscribe("logger", idle, {});
      topic.subscribeQueue("agent-tasks", "agent", { filter: {}, visibilitySeconds: 120, receives: 3, oldestSeconds: 3600 });
      expect(shared.redrivables).to.deep.equal(topic.subscribers);
      for (const [name, subscriber] of Object.entries(topic.subscribers))
        for (const [key, output] of Object.entries(subscriber) as [string, pulumi.Output<string>][])
          output.apply(value => Object.assign(found, { [`${name}.${key}`]: value }));
    });
    expect(found).to.deep.equal({
      "logger.functionName": "logger",
      "logger.deadLettersUrl": "https://mock/logger-dead-letters",
      "agent.queueUrl": "https://mock/agent-tasks",
      "agent.isRaw": true,
      "agent.deadLettersUrl": "https://mock/agent-tasks-dead-letters",
    });
    expect(find(resources, "aws:sns/topic:Topic", "messages")).to.deep.equal({});
  });

  it("creates nothing if nothing is published, and takes the names that a subscriber would get", async () => {
    const { resources } = await runMocked(() => {
      const shared = makeFeatureArgs();
      const topic = new Topic("messages", { ...shared, publish: false });
      const words = new Table("words", { partitionKey: "word:S", production: false });
      topic.subscribe("counter", () => ({ create: (_: { wordsTable: TableName }) => async () => {} }), { wordsTable: words.may(update) });
      expect(topic.may(publish)).to.equal(undefined);
      expect([topic.subscribers, shared.redrivables]).to.deep.equal([{}, {}]);
      const subscribeQueue = () =>
        topic.subscribeQueue("agent-tasks", "agent", { filter: {}, visibilitySeconds: 120, receives: 3, oldestSeconds: 3600 });
      expect(String(thrownBy(subscribeQueue))).to.equal("Error: agent subscribes to a topic that is off.");
    });
    expect(resources.map(({ name }) => name)).to.have.members(["successes", "errors", "words"]);
  });
});
