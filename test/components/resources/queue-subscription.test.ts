import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { QueueSubscription } from "../../../components/resources/queue-subscription";
import { type MockedResource, runMocked } from "../mocked";
import { find } from "../registered";

const arn = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

describe("queue subscription", () => {
  let resources: MockedResource[];

  before(async () => {
    ({ resources } = await runMocked(() => {
      new QueueSubscription("tasks", {
        topic: new aws.sns.Topic("messages"),
        subscriber: "worker",
        filter: { mentionsBot: ["true"] },
        visibilitySeconds: 120,
        oldestSeconds: 3600,
        receives: 3,
        errors: new aws.sns.Topic("errors"),
        redrivables: {},
      });
    }));
  });

  it("gets the messages of its filter as published, and replays only for its subscriber", () => {
    const { filterPolicy, ...subscription } = find(resources, "aws:sns/topicSubscription:TopicSubscription");
    expect(subscription).to.include({ topic: arn("messages"), protocol: "sqs", endpoint: arn("tasks"), rawMessageDelivery: true });
    expect(JSON.parse(filterPolicy)).to.deep.equal({
      type: ["slack.message", { exists: false }],
      mentionsBot: ["true"],
      replayTo: [{ exists: false }, "worker"],
    });
  });

  it("has one dead-letter queue for messages received too often and for failed deliveries", () => {
    const deadLetterTargetArn = arn("tasks-dead-letters");
    const { redrivePolicy, visibilityTimeoutSeconds } = find(resources, "aws:sqs/queue:Queue", "tasks");
    expect(JSON.parse(redrivePolicy)).to.deep.equal({ deadLetterTargetArn, maxReceiveCount: 3 });
    expect(visibilityTimeoutSeconds).to.equal(120);
    expect(JSON.parse(find(resources, "aws:sns/topicSubscription:TopicSubscription")["redrivePolicy"])).to.deep.equal({
      deadLetterTargetArn,
    });
  });

  it("accepts messages from its topic only, starting with the first message", () => {
    for (const queue of ["tasks", "tasks-dead-letters"]) {
      const [statement] = JSON.parse(find(resources, "aws:sqs/queuePolicy:QueuePolicy", queue)["policy"]).Statement;
      expect(statement).to.deep.include({ Resource: arn(queue), Condition: { ArnEquals: { "aws:SourceArn": [arn("messages")] } } });
    }
    const subscription = resources.find(({ type }) => type === "aws:sns/topicSubscription:TopicSubscription");
    expect(subscription?.after).to.include.members([
      "aws:sqs/queuePolicy:QueuePolicy tasks",
      "aws:sqs/queuePolicy:QueuePolicy tasks-dead-letters",
    ]);
  });
});
