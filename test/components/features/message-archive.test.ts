import { expect } from "chai";
import { MessageArchive } from "../../../components/features/message-archive";
import { Topic } from "../../../components/resources/topic";
import { runMocked } from "../mocked";
import { find, makeFeatureArgs, statementsOf } from "../registered";

const arn = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

describe("message archive", () => {
  const make = (withPrivate = false) =>
    runMocked(() => {
      const args = makeFeatureArgs();
      new MessageArchive("archive", { ...args, messages: new Topic("messages", args), days: 30, withPrivate, eraseAfterDays: 30 });
    });

  it("gets public messages with their attributes, and no replays", async () => {
    const { filterPolicy, redrivePolicy, ...subscription } = find((await make()).resources, "aws:sns/topicSubscription:TopicSubscription");
    expect(subscription).to.deep.equal({
      topic: arn("messages"),
      protocol: "firehose",
      endpoint: arn("archive"),
      subscriptionRoleArn: arn("archive-sender"),
    });
    expect(JSON.parse(filterPolicy)).to.deep.equal({ private: ["false"], replayTo: [{ exists: false }] });
    expect(JSON.parse(redrivePolicy)).to.deep.equal({ deadLetterTargetArn: arn("archive-dead-letters") });
  });

  it("gets private messages, too, if the stack says so", async () => {
    const { filterPolicy } = find((await make(true)).resources, "aws:sns/topicSubscription:TopicSubscription");
    expect(JSON.parse(filterPolicy)).to.deep.equal({ replayTo: [{ exists: false }] });
  });

  it("is compressed in a folder a day, and expires", async () => {
    const { resources } = await make();
    expect(find(resources, "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")["extendedS3Configuration"]).to.deep.include({
      bucketArn: arn("archive"),
      roleArn: arn("archive-writer"),
      prefix: "messages/!{timestamp:yyyy/MM/dd}/",
      compressionFormat: "GZIP",
    });
    const rules = find(resources, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")["rules"];
    expect(rules[1].expiration).to.deep.equal({ days: 30 });
  });

  it("lets SNS put records, and Firehose write objects, and nobody else", async () => {
    const { resources } = await make();
    expect(statementsOf(resources, "archive-sender").map(({ Resource }) => Resource)).to.deep.equal([[arn("archive")]]);
    expect(statementsOf(resources, "archive-writer").map(({ Resource }) => Resource)).to.deep.equal([
      [`${arn("archive")}/*`],
      [arn("archive")],
    ]);
    const services = ["sender", "writer"].map(name => {
      const { assumeRolePolicy } = find(resources, "aws:iam/role:Role", `archive-${name}`);
      return JSON.parse(assumeRolePolicy).Statement[0].Principal.Service;
    });
    expect(services).to.deep.equal(["sns.amazonaws.com", "firehose.amazonaws.com"]);
  });

  it("raises an alarm if it is an hour behind, and one for dead letters", async () => {
    const { resources } = await make();
    expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "archive-late")).to.deep.include({
      metricName: "DeliveryToS3.DataFreshness",
      dimensions: { DeliveryStreamName: "archive" },
      threshold: 3600,
    });
    find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "archive-dead-letters");
  });
});
