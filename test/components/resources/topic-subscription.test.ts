import { expect } from "chai";
import type { TableName } from "#core/named";
import { Table } from "../../../components/resources/table";
import { Topic } from "../../../components/resources/topic";
import { update } from "../../../components/wiring/grants";
import { runMocked } from "../mocked";
import { find, makeFeatureArgs, statementsOf } from "../registered";

describe("topic subscription", () => {
  const subscribe = (fairQueues = false) =>
    runMocked(() => {
      const words = new Table("words", { partitionKey: "word:S", production: false });
      const greeter = () => ({ create: (_: { wordsTable: TableName }) => async () => {} });
      new Topic("messages", { ...makeFeatureArgs(), fairQueues }).subscribe("greeter", greeter, { wordsTable: words.may(update) });
    });

  it("gets messages for everybody, and replays for itself", async () => {
    const { resources } = await subscribe();

    const subscription = find(resources, "aws:sns/topicSubscription:TopicSubscription");
    expect(subscription).to.include({
      protocol: "lambda",
      topic: "arn:aws:mock:us-east-1:000000000000:messages",
      endpoint: "arn:aws:mock:us-east-1:000000000000:greeter",
    });
    expect(JSON.parse(subscription["filterPolicy"])).to.deep.equal({
      type: ["slack.message", { exists: false }],
      replayTo: [{ exists: false }, "greeter"],
    });
  });

  it("has one dead-letter queue for deliveries and invocations, with an alarm", async () => {
    const { resources } = await subscribe();
    const queueArn = "arn:aws:mock:us-east-1:000000000000:greeter-dead-letters";

    expect(JSON.parse(find(resources, "aws:sns/topicSubscription:TopicSubscription")["redrivePolicy"])).to.deep.equal({
      deadLetterTargetArn: queueArn,
    });
    expect(find(resources, "aws:lambda/function:Function")["deadLetterConfig"]).to.deep.equal({ targetArn: queueArn });
    expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "greeter-dead-letters")).to.deep.include({
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "greeter-dead-letters" },
      threshold: 0,
      alarmActions: ["arn:aws:mock:us-east-1:000000000000:errors"],
    });
    expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "greeter-late")).to.deep.include({
      namespace: "slack-fanout",
      metricName: "LagMs",
      dimensions: { service: "greeter" },
      threshold: 600_000,
    });
    const [statement] = JSON.parse(find(resources, "aws:sqs/queuePolicy:QueuePolicy")["policy"]).Statement;
    expect(statement).to.deep.include({ Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queueArn });
    expect(statement.Condition).to.deep.equal({ ArnEquals: { "aws:SourceArn": ["arn:aws:mock:us-east-1:000000000000:messages"] } });
  });

  it("sets runtime, architecture, timeout, memory, retries and log retention", async () => {
    const { resources } = await subscribe();

    expect(find(resources, "aws:lambda/function:Function")).to.deep.include({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      timeout: 30,
      memorySize: 512,
      environment: { variables: { DEBUG: "false" } },
    });
    expect(find(resources, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")).to.include({
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 21_600,
    });
    expect(find(resources, "aws:cloudwatch/logGroup:LogGroup")).to.deep.equal({
      name: "/aws/lambda/slack-fanout-test-greeter",
      retentionInDays: 7,
    });
  });

  it("has a role that allows its grants, its log and its dead letters only", async () => {
    const { resources } = await subscribe();

    expect(statementsOf(resources, "greeter").map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["dynamodb:UpdateItem"], ["arn:aws:mock:us-east-1:000000000000:words"]],
      [["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:mock:us-east-1:000000000000:greeter:*"]],
      [["sqs:SendMessage"], ["arn:aws:mock:us-east-1:000000000000:greeter-dead-letters"]],
    ]);
    expect(resources.filter(({ type }) => type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment")).to.deep.equal([]);
  });

  it("starts only after its policy, its permission and its dead letters exist", async () => {
    const { resources } = await subscribe();
    const afterOf = (type: string) => resources.find(resource => resource.type === type)!.after;

    expect(afterOf("aws:lambda/function:Function")).to.include("aws:iam/rolePolicy:RolePolicy greeter");
    expect(afterOf("aws:sns/topicSubscription:TopicSubscription")).to.include.members([
      "aws:lambda/permission:Permission greeter",
      "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig greeter",
      "aws:sqs/queuePolicy:QueuePolicy greeter-dead-letters",
    ]);
  });

  it("can be invoked by the topic only", async () => {
    const { resources } = await subscribe();

    expect(find(resources, "aws:lambda/permission:Permission")).to.deep.equal({
      function: "greeter",
      action: "lambda:InvokeFunction",
      principal: "sns.amazonaws.com",
      sourceArn: "arn:aws:mock:us-east-1:000000000000:messages",
    });
  });

  it("gets messages through a queue where workspaces take turns; failed ones are delivered again, and then become dead letters", async () => {
    const { resources } = await subscribe(true);
    const arn = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

    expect(find(resources, "aws:sns/topicSubscription:TopicSubscription")).to.include({ protocol: "sqs", endpoint: arn("greeter") });
    expect(find(resources, "aws:lambda/eventSourceMapping:EventSourceMapping")).to.deep.include({
      eventSourceArn: arn("greeter"),
      functionName: arn("greeter"),
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
    const { visibilityTimeoutSeconds, redrivePolicy } = find(resources, "aws:sqs/queue:Queue", "greeter");
    expect(visibilityTimeoutSeconds).to.equal(6 * find(resources, "aws:lambda/function:Function")["timeout"]);
    expect(JSON.parse(redrivePolicy)).to.deep.equal({ deadLetterTargetArn: arn("greeter-dead-letters"), maxReceiveCount: 5 });
    expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "greeter-late")).to.include({ metricName: "LagMs" });
    const may = statementsOf(resources, "greeter").flatMap(({ Action, Resource }) =>
      (Action as string[]).map(action => [action, ...Resource]),
    );
    expect(may).to.deep.include(["sqs:ReceiveMessage", arn("greeter")]);
    expect(may.map(([action]) => action)).not.to.include("sqs:SendMessage");
    expect(resources.map(({ type }) => type)).not.to.include("aws:lambda/permission:Permission");
  });
});
