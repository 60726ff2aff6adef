import { expect } from "chai";
import { Notifier } from "../../../components/features/notifier";
import { Table } from "../../../components/resources/table";
import { Topic } from "../../../components/resources/topic";
import { COPY_SECONDS } from "../../../subscribers/notifier";
import { type MockedResource, runMocked } from "../mocked";
import { find, makeFeatureArgs, statementsOf } from "../registered";

const arn = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

describe("notifier", () => {
  let resources: MockedResource[];

  before(async () => {
    ({ resources } = await runMocked(() => {
      new Notifier("notifier", { ...makeFeatureArgs(), notifyChannel: "C0001", slackEnvironment: { ACCESS_TOKEN: "xoxb-1" } });
    }));
  });

  it("gets the whole notifications of both topics, because it needs subject and topic", () => {
    for (const topic of ["successes", "errors"])
      expect(find(resources, "aws:sns/topicSubscription:TopicSubscription", `notifier-${topic}`)).to.include({
        topic: arn(topic),
        protocol: "sqs",
        endpoint: arn("notifier"),
        rawMessageDelivery: false,
      });
    const [statement] = JSON.parse(find(resources, "aws:sqs/queuePolicy:QueuePolicy", "notifier")["policy"]).Statement;
    expect(statement.Condition).to.deep.equal({ ArnEquals: { "aws:SourceArn": [arn("successes"), arn("errors")] } });
  });

  it("gets messages with an answer, but no replays, and reads their answers, where the events door keeps answers", async () => {
    const { resources: answering } = await runMocked(() => {
      const shared = makeFeatureArgs();
      const answers = {
        messages: new Topic("messages", shared),
        seen: new Table("seen", { partitionKey: "event_id:S", production: false }),
      };
      new Notifier("notifier", { ...shared, notifyChannel: "C0001", slackEnvironment: {}, answers });
    });
    const subscription = find(answering, "aws:sns/topicSubscription:TopicSubscription", "notifier-messages");
    expect(subscription).to.include({ topic: arn("messages"), endpoint: arn("notifier"), rawMessageDelivery: false });
    expect(JSON.parse(subscription["filterPolicy"])).to.deep.equal({
      type: ["slack.message", { exists: false }],
      answered: ["true"],
      replayTo: [{ exists: false }, "notifier"],
    });
    expect(JSON.parse(subscription["redrivePolicy"])).to.deep.equal({ deadLetterTargetArn: arn("notifier-dead-letters") });
    for (const queue of ["notifier", "notifier-dead-letters"]) {
      const [statement] = JSON.parse(find(answering, "aws:sqs/queuePolicy:QueuePolicy", queue)["policy"]).Statement;
      expect(statement.Condition.ArnEquals["aws:SourceArn"]).to.include(arn("messages"));
    }
    expect(statementsOf(answering, "notifier")).to.deep.include({
      Effect: "Allow",
      Action: ["dynamodb:GetItem"],
      Resource: [arn("seen")],
    });
  });

  it("reports the failed items of a batch, and handles at most two batches at once", () => {
    expect(find(resources, "aws:lambda/eventSourceMapping:EventSourceMapping")).to.deep.include({
      eventSourceArn: arn("notifier"),
      batchSize: 5,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: 2 },
    });
  });

  it("times out before a copy of its notice arrives", () => {
    expect(find(resources, "aws:lambda/function:Function")["timeout"]).to.be.lessThan(COPY_SECONDS);
  });

  it("hides a notice for six times its timeout, and receives it often enough for two hundred at once", () => {
    const { timeout } = find(resources, "aws:lambda/function:Function");
    const { visibilityTimeoutSeconds, redrivePolicy } = find(resources, "aws:sqs/queue:Queue", "notifier");
    expect(visibilityTimeoutSeconds).to.equal(6 * timeout);
    expect(JSON.parse(redrivePolicy)).to.deep.equal({ deadLetterTargetArn: arn("notifier-dead-letters"), maxReceiveCount: 100 });
  });

  it("may receive notices, send copies, update receipts and send dead letters only", () => {
    expect(statementsOf(resources, "notifier").map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"], [arn("notifier")]],
      [["sqs:SendMessage"], [arn("notifier")]],
      [["sqs:SendMessage"], [arn("notifier-dead-letters")]],
      [["dynamodb:UpdateItem"], [arn("notifier-receipts")]],
      [["logs:CreateLogStream", "logs:PutLogEvents"], [`${arn("notifier")}:*`]],
    ]);
  });
});
