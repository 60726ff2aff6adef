import { expect } from "chai";
import { Notifier } from "../../components/notifier";
import { COPY_SECONDS } from "../../subscribers/notifier";
import { type MockedResource, runMocked } from "./mocked";
import { find, makeFeatureArgs, statementsOf } from "./registered";

const arn = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

describe("notifier", () => {
  let resources: MockedResource[];

  before(async () => {
    ({ resources } = await runMocked(() => {
      new Notifier("notifier", { ...makeFeatureArgs(), notifyChannel: "C0001", slackEnvironment: { ACCESS_TOKEN: "xoxb-1" } });
    }));
  });

  it("gets both topics' notifications whole, since subject and topic say what a notice is", () => {
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

  it("names what failed of a batch, and works two batches at once at most", () => {
    expect(find(resources, "aws:lambda/eventSourceMapping:EventSourceMapping")).to.deep.include({
      eventSourceArn: arn("notifier"),
      batchSize: 5,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: 2 },
    });
  });

  it("has ended whoever held a notice when the copy comes that takes it over", () => {
    expect(find(resources, "aws:lambda/function:Function")["timeout"]).to.be.lessThan(COPY_SECONDS);
  });

  it("hides a notice for six times its timeout, and lets it come often enough for two hundred at once", () => {
    const { timeout } = find(resources, "aws:lambda/function:Function");
    const { visibilityTimeoutSeconds, redrivePolicy } = find(resources, "aws:sqs/queue:Queue", "notifier");
    expect(visibilityTimeoutSeconds).to.equal(6 * timeout);
    expect(JSON.parse(redrivePolicy)).to.deep.equal({ deadLetterTargetArn: arn("notifier-dead-letters"), maxReceiveCount: 100 });
  });

  it("may take notices, keep receipts and give notices up, and nothing else", () => {
    expect(statementsOf(resources, "notifier").map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"], [arn("notifier")]],
      [["sqs:SendMessage"], [arn("notifier")]],
      [["sqs:SendMessage"], [arn("notifier-dead-letters")]],
      [["dynamodb:UpdateItem"], [arn("notifier-receipts")]],
      [["logs:CreateLogStream", "logs:PutLogEvents"], [`${arn("notifier")}:*`]],
    ]);
  });
});
