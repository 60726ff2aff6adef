import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { DeadLetters } from "../../../components/resources/dead-letters";
import { runMocked } from "../mocked";
import { find } from "../registered";

describe("dead letters", () => {
  const make = (sources: string[] = []) =>
    runMocked(() => {
      const args = { errors: new aws.sns.Topic("errors"), redrivables: {} };
      new DeadLetters("greeter-dead-letters", { ...args, sources: sources.map(name => new aws.sns.Topic(name)) });
    });

  it("are kept for the maximum time of SQS, encrypted, and up to the maximum size", async () => {
    const { resources } = await make();
    expect(find(resources, "aws:sqs/queue:Queue")).to.deep.include({
      messageRetentionSeconds: 14 * 86_400,
      maxMessageSize: 1_048_576,
      sqsManagedSseEnabled: true,
    });
  });

  it("raise an alarm that names the queue and says what to do", async () => {
    const { resources } = await make();
    const alarm = find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "greeter-dead-letters");
    expect(alarm["alarmDescription"]).to.contain("greeter-dead-letters").and.to.contain("redrive");
    expect(alarm).to.deep.include({ metricName: "ApproximateNumberOfMessagesVisible", statistic: "Maximum", threshold: 0 });
  });

  it("raise another alarm three days before SQS deletes them", async () => {
    const { resources } = await make();
    expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "greeter-dead-letters-old")).to.deep.include({
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: "greeter-dead-letters" },
      threshold: 11 * 86_400,
    });
  });

  it("are accepted from the given topics only", async () => {
    const { resources } = await make(["messages", "successes"]);
    const [statement] = JSON.parse(find(resources, "aws:sqs/queuePolicy:QueuePolicy")["policy"]).Statement;
    const arns = ["messages", "successes"].map(name => `arn:aws:mock:us-east-1:000000000000:${name}`);
    expect(statement.Condition).to.deep.equal({ ArnEquals: { "aws:SourceArn": arns } });

    expect((await make()).resources.filter(({ type }) => type === "aws:sqs/queuePolicy:QueuePolicy")).to.deep.equal([]);
  });
});
