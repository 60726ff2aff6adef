import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { publish, put, query, readWrite, update } from "../../components/grants";
import { HttpApi } from "../../components/http-api";
import { ScheduledFunction } from "../../components/scheduled-function";
import { createTable } from "../../components/table";
import { Topic } from "../../components/topic";
import { type MockedResource, runMocked } from "./mocked";

const nothing = { allow: [], environment: {}, callbackFactory: () => async () => {} };
const door = { ...nothing, callbackFactory: () => async () => ({ statusCode: 200 }) };

/** The only resource of a type, by name where there are more. */
const find = (resources: MockedResource[], type: string, name?: string): MockedResource["inputs"] => {
  const found = resources.filter(resource => resource.type === type && (name === undefined || resource.name === name));
  expect(found, `${type} ${name ?? ""}`).to.have.lengthOf(1);
  return found[0]!.inputs;
};

const statementsOf = (resources: MockedResource[], name: string) =>
  JSON.parse(find(resources, "aws:iam/rolePolicy:RolePolicy", name)["policy"]).Statement as { Action: string[]; Resource: string[] }[];

describe("topic subscription", () => {
  const subscribe = () =>
    runMocked(() => {
      const errors = new aws.sns.Topic("errors");
      const table = new aws.dynamodb.Table("words", { attributes: [{ name: "word", type: "S" }], hashKey: "word" });
      new Topic("messages", { alarmTopic: errors, logRetentionDays: 7 }).subscribe("greeter", {
        ...nothing,
        allow: [update(table)],
        environment: { DEBUG: "false" },
      });
    });

  it("takes messages for everybody, and those replayed to itself", async () => {
    const { resources } = await subscribe();

    const subscription = find(resources, "aws:sns/topicSubscription:TopicSubscription");
    expect(subscription).to.include({
      protocol: "lambda",
      topic: "arn:aws:mock:us-east-1:000000000000:messages",
      endpoint: "arn:aws:mock:us-east-1:000000000000:greeter",
    });
    expect(JSON.parse(subscription["filterPolicy"])).to.deep.equal({ replayTo: [{ exists: false }, "greeter"] });
  });

  it("has one dead-letter queue for both ways to fail, and an alarm on it", async () => {
    const { resources } = await subscribe();
    const queueArn = "arn:aws:mock:us-east-1:000000000000:greeter-dead-letters";

    expect(JSON.parse(find(resources, "aws:sns/topicSubscription:TopicSubscription")["redrivePolicy"])).to.deep.equal({
      deadLetterTargetArn: queueArn,
    });
    expect(find(resources, "aws:lambda/function:Function")["deadLetterConfig"]).to.deep.equal({ targetArn: queueArn });
    expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm")).to.deep.include({
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "greeter-dead-letters" },
      threshold: 0,
      alarmActions: ["arn:aws:mock:us-east-1:000000000000:errors"],
    });
    const [statement] = JSON.parse(find(resources, "aws:sqs/queuePolicy:QueuePolicy")["policy"]).Statement;
    expect(statement).to.deep.include({ Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queueArn });
    expect(statement.Condition).to.deep.equal({ ArnEquals: { "aws:SourceArn": ["arn:aws:mock:us-east-1:000000000000:messages"] } });
  });

  it("says runtime, architecture, timeout, memory, retries and log retention", async () => {
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

  it("has a role that allows just its grants, its log and its dead letters", async () => {
    const { resources } = await subscribe();

    expect(statementsOf(resources, "greeter").map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["dynamodb:UpdateItem"], ["arn:aws:mock:us-east-1:000000000000:words"]],
      [["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:mock:us-east-1:000000000000:greeter:*"]],
      [["sqs:SendMessage"], ["arn:aws:mock:us-east-1:000000000000:greeter-dead-letters"]],
    ]);
    expect(resources.filter(({ type }) => type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment")).to.deep.equal([]);
  });

  it("begins when all is there that it may need: leave to work, to be called, and to fail", async () => {
    const { resources } = await subscribe();
    const afterOf = (type: string) => resources.find(resource => resource.type === type)!.after;

    expect(afterOf("aws:lambda/function:Function")).to.include("aws:iam/rolePolicy:RolePolicy greeter");
    expect(afterOf("aws:sns/topicSubscription:TopicSubscription")).to.include.members([
      "aws:lambda/permission:Permission greeter",
      "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig greeter",
      "aws:sqs/queuePolicy:QueuePolicy greeter-dead-letters",
    ]);
  });

  it("may be called by the topic alone", async () => {
    const { resources } = await subscribe();

    expect(find(resources, "aws:lambda/permission:Permission")).to.deep.equal({
      function: "greeter",
      action: "lambda:InvokeFunction",
      principal: "sns.amazonaws.com",
      sourceArn: "arn:aws:mock:us-east-1:000000000000:messages",
    });
  });
});

describe("HTTP API", () => {
  const makeApi = () =>
    runMocked(() => {
      const api = new HttpApi("api", { requestsPerSecond: 10, burst: 20, logRetentionDays: 7 });
      api.route("POST /webhook", "webhook", door);
      api.route("ANY /api/{proxy+}", "rest", door);
    });

  it("throttles all routes", async () => {
    const { resources } = await makeApi();

    expect(find(resources, "aws:apigatewayv2/stage:Stage")).to.deep.include({
      name: "$default",
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: 10, throttlingBurstLimit: 20 },
    });
  });

  it("logs each request, also what never gets to a door, for as long as all logs are kept", async () => {
    const { resources } = await makeApi();

    expect(find(resources, "aws:cloudwatch/logGroup:LogGroup", "api")).to.deep.equal({
      name: "/aws/vendedlogs/slack-fanout-test-api",
      retentionInDays: 7,
    });
    const { destinationArn, format } = find(resources, "aws:apigatewayv2/stage:Stage")["accessLogSettings"];
    expect(destinationArn).to.equal("arn:aws:mock:us-east-1:000000000000:api");
    expect(JSON.parse(format)).to.include({ routeKey: "$context.routeKey", status: "$context.status" });
    // A path may hold a claim, a query its lease.
    expect(format).not.to.match(/\$context\.(path|rawPath|.*query)/i);
  });

  it("lets each route call its own function only", async () => {
    const { resources } = await makeApi();

    expect(find(resources, "aws:lambda/permission:Permission", "webhook")).to.deep.equal({
      function: "webhook",
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      sourceArn: "arn:aws:mock:us-east-1:000000000000:api/*/POST/webhook",
    });
    expect(find(resources, "aws:lambda/permission:Permission", "rest")).to.include({
      sourceArn: "arn:aws:mock:us-east-1:000000000000:api/*/*/api/{proxy+}",
    });
  });

  it("hands requests over in format 2.0", async () => {
    const { resources } = await makeApi();

    expect(find(resources, "aws:apigatewayv2/integration:Integration", "webhook")).to.include({
      integrationType: "AWS_PROXY",
      payloadFormatVersion: "2.0",
      integrationUri: "arn:aws:mock:us-east-1:000000000000:webhook",
    });
    expect(find(resources, "aws:apigatewayv2/route:Route", "webhook")).to.include({
      routeKey: "POST /webhook",
      target: "integrations/webhook-id",
    });
  });
});

describe("scheduled function", () => {
  const makeRelay = () =>
    runMocked(() => {
      new ScheduledFunction("relay", {
        ...nothing,
        schedule: "rate(1 minute)",
        timeoutSeconds: 50,
        logRetentionDays: 7,
        alarmTopic: new aws.sns.Topic("errors"),
      });
    });

  it("is called by its schedule's own role, which may do nothing else", async () => {
    const { resources } = await makeRelay();

    const schedule = find(resources, "aws:scheduler/schedule:Schedule");
    expect(schedule).to.deep.include({ scheduleExpression: "rate(1 minute)", flexibleTimeWindow: { mode: "OFF" } });
    expect(schedule["target"]).to.include({
      arn: "arn:aws:mock:us-east-1:000000000000:relay",
      roleArn: "arn:aws:mock:us-east-1:000000000000:relay-schedule",
    });
    expect(statementsOf(resources, "relay-schedule").map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["lambda:InvokeFunction"], ["arn:aws:mock:us-east-1:000000000000:relay"]],
      [["sqs:SendMessage"], ["arn:aws:mock:us-east-1:000000000000:relay-dead-letters"]],
    ]);
    expect(JSON.parse(find(resources, "aws:iam/role:Role", "relay-schedule")["assumeRolePolicy"]).Statement).to.deep.equal([
      {
        Effect: "Allow",
        Principal: { Service: "scheduler.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
    ]);
  });

  it("leaves a letter where it could not be called at all", async () => {
    const { resources } = await makeRelay();

    expect(find(resources, "aws:scheduler/schedule:Schedule")["target"]).to.deep.include({
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      deadLetterConfig: { arn: "arn:aws:mock:us-east-1:000000000000:relay-dead-letters" },
    });
  });
});

describe("table", () => {
  const args = {
    partitionKey: "word:S",
    indexes: { "by-kind": { partitionKey: "kind:S", sortKey: "count:N", projection: "ALL" } },
    expiresAt: "expires_at",
  } as const;
  const makeTable = async (production: boolean) => {
    const { resources } = await runMocked(() => void createTable("words", { ...args, production }));
    return find(resources, "aws:dynamodb/table:Table");
  };

  it("names each key attribute once, and is paid by request", async () => {
    expect(await makeTable(false)).to.deep.include({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "word",
      attributes: [
        { name: "word", type: "S" },
        { name: "kind", type: "S" },
        { name: "count", type: "N" },
      ],
      ttl: { attributeName: "expires_at", enabled: true },
    });
  });

  it("is kept in production, and may go in development", async () => {
    expect(await makeTable(true)).to.deep.include({ deletionProtectionEnabled: true, pointInTimeRecovery: { enabled: true } });
    expect(await makeTable(false)).to.deep.include({ deletionProtectionEnabled: false, pointInTimeRecovery: { enabled: false } });
  });
});

describe("grants", () => {
  it("name one resource each", async () => {
    const documents: string[] = [];
    await runMocked(() => {
      const table = createTable("words", { partitionKey: "word:S", production: false });
      const topic = new aws.sns.Topic("messages");
      for (const grant of [readWrite(table), put(table), query(table, "by-kind"), publish(topic)]) {
        for (const resource of grant.resources)
          (resource as typeof table.arn).apply(arn => documents.push(`${grant.actions.join()} ${arn}`));
      }
    });

    expect(documents).to.have.members([
      "dynamodb:GetItem,dynamodb:PutItem,dynamodb:UpdateItem arn:aws:mock:us-east-1:000000000000:words",
      "dynamodb:PutItem arn:aws:mock:us-east-1:000000000000:words",
      "dynamodb:Query arn:aws:mock:us-east-1:000000000000:words/index/by-kind",
      "sns:Publish arn:aws:mock:us-east-1:000000000000:messages",
    ]);
  });
});
