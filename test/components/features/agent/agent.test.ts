import { expect } from "chai";
import { MAX_TRIES } from "#core/agent/task";
import { isForModels, TOOL_NAMES } from "#core/agent/tools";
import { type MockedResource, runMocked } from "../../mocked";
import { makeAgent } from "./agent-program";

const model = "anthropic.claude-sonnet-4-20250514-v1:0";

describe("agent", () => {
  const make = (values: Record<string, string>) => runMocked(() => makeAgent(values));

  const find = (resources: MockedResource[], type: string, name: string) => {
    const found = resources.filter(resource => resource.type === type && resource.name === name);
    expect(found, `${type} ${name}`).to.have.lengthOf(1);
    return found[0]!.inputs;
  };
  const grantsOf = (resources: MockedResource[], name: string) =>
    (
      JSON.parse(find(resources, "aws:iam/rolePolicy:RolePolicy", name)["policy"]).Statement as { Action: string[]; Resource: string[] }[]
    ).map(({ Action, Resource }) => [Action, Resource]);

  it("creates nothing when off", async () => {
    const { resources } = await make({ agent: "off" });

    expect(resources.filter(({ type, name }) => type.startsWith("awsx:") || /agent|gateway|stopper/.test(name))).to.deep.equal([]);
  });

  describe("on Fargate", () => {
    let resources: MockedResource[];
    before(async () => {
      ({ resources } = await make({ agent: "fargate", agentWorkers: "3" }));
    });

    it("queues mentions of the bot as published, except words that stop a task", () => {
      const subscription = find(resources, "aws:sns/topicSubscription:TopicSubscription", "agent-tasks");

      expect(subscription).to.include({
        protocol: "sqs",
        rawMessageDelivery: true,
        endpoint: "arn:aws:mock:us-east-1:000000000000:agent-tasks",
      });
      expect(JSON.parse(subscription["filterPolicy"])).to.deep.equal({
        type: ["slack.message", "slack.app_mention", { exists: false }],
        mentionsBot: ["true"],
        intent: [{ exists: false }],
        replayTo: [{ exists: false }, "agent"],
      });
    });

    it("makes a message a dead letter, with an alarm, after as many receives as a task has tries", () => {
      expect(find(resources, "aws:sqs/queue:Queue", "agent-tasks")).to.include({
        visibilityTimeoutSeconds: 120,
        redrivePolicy: JSON.stringify({
          deadLetterTargetArn: "arn:aws:mock:us-east-1:000000000000:agent-tasks-dead-letters",
          maxReceiveCount: MAX_TRIES,
        }),
      });
      expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "agent-tasks-dead-letters")).to.deep.include({
        alarmActions: ["arn:aws:mock:us-east-1:000000000000:errors"],
      });
      const [statement] = JSON.parse(find(resources, "aws:sqs/queuePolicy:QueuePolicy", "agent-tasks")["policy"]).Statement;
      expect(statement).to.deep.include({
        Resource: "arn:aws:mock:us-east-1:000000000000:agent-tasks",
        Condition: { ArnEquals: { "aws:SourceArn": ["arn:aws:mock:us-east-1:000000000000:messages"] } },
      });
    });

    it("stops a task by a word in its thread", () => {
      const { filterPolicy } = find(resources, "aws:sns/topicSubscription:TopicSubscription", "stopper");

      expect(JSON.parse(filterPolicy)).to.deep.equal({
        type: ["slack.message", "slack.app_mention", { exists: false }, "slack.agent_session_stopped"],
        intent: ["stop"],
        replayTo: [{ exists: false }, "stopper"],
      });
      expect(grantsOf(resources, "stopper").slice(0, 4)).to.deep.equal([
        [["dynamodb:Query"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks/index/active"]],
        ...["UpdateItem", "Query", "PutItem"].map(operation => [
          [`dynamodb:${operation}`],
          ["arn:aws:mock:us-east-1:000000000000:agent-tasks"],
        ]),
      ]);
    });

    it("hears what is said to the bot and in its threads", () => {
      const { filterPolicy } = find(resources, "aws:sns/topicSubscription:TopicSubscription", "opener");

      expect(JSON.parse(filterPolicy)).to.deep.equal({
        type: ["slack.message", "slack.app_mention", { exists: false }, "slack.ask", "slack.message_changed", "slack.message_deleted"],
        $or: [{ mentionsBot: ["true"] }, { channelType: ["im"] }, { threaded: ["true"] }],
        replayTo: [{ exists: false }, "opener"],
      });
    });

    it("allows the worker its queue and its table only", () => {
      expect(grantsOf(resources, "agent")).to.deep.equal([
        [
          ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage"],
          ["arn:aws:mock:us-east-1:000000000000:agent-tasks"],
        ],
        [["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks"]],
        [["dynamodb:Query"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks"]],
        [["dynamodb:DeleteItem"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks"]],
        [["dynamodb:ConditionCheckItem"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks"]],
      ]);
    });

    it("keeps receipts, approvals, limits and audit in a table on which the worker has no grant", () => {
      const ledger = "arn:aws:mock:us-east-1:000000000000:agent-gateway";
      const holders = resources.filter(
        ({ type, inputs }) => type === "aws:iam/rolePolicy:RolePolicy" && String(inputs["policy"]).includes(`"${ledger}"`),
      );
      expect(holders.map(({ name }) => name)).to.deep.equal(["gateway"]);
      expect(grantsOf(resources, "gateway").filter(([, on]) => String(on).includes(":agent-"))).to.deep.equal([
        [["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks"]],
        [["dynamodb:DeleteItem"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks"]],
        [["dynamodb:Query"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks"]],
        [["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], [ledger]],
      ]);
      expect(grantsOf(resources, "gateway")).to.deep.include([["dynamodb:Query"], ["arn:aws:mock:us-east-1:000000000000:documents-files"]]);
    });

    it("allows ECS to pull the image, read the token and write the log", () => {
      expect(grantsOf(resources, "agent-execution")).to.deep.equal([
        [["ecr:GetAuthorizationToken"], ["*"]],
        [
          ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
          ["arn:aws:ecr:us-east-1:000000000000:repository/agent"],
        ],
        [["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:mock:us-east-1:000000000000:agent:*"]],
        [["ssm:GetParameters"], ["arn:aws:mock:us-east-1:000000000000:agent-mcp-token"]],
      ]);
    });

    it("runs one bundled file, without credentials of Slack and Trello", () => {
      expect(find(resources, "awsx:ecr:Image", "agent")).to.include({ context: "./dist/agent", platform: "linux/arm64" });
      const { taskDefinitionArgs, ...service } = find(resources, "awsx:ecs:FargateService", "agent");
      expect(service).to.include({ name: "slack-fanout-test-agent", desiredCount: 0 });
      expect(taskDefinitionArgs).to.deep.include({
        taskRole: { roleArn: "arn:aws:mock:us-east-1:000000000000:agent" },
        runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      });
      const { environment, ...container } = taskDefinitionArgs.container as { environment: { name: string; value: string }[] };
      expect(container).to.deep.include({ command: ["node", "worker.js"], stopTimeout: 120 });
      expect(Object.fromEntries(environment.map(({ name, value }) => [name, value]))).to.deep.equal({
        DEBUG: "false",
        BRAIN: "scripted",
        MODEL_ID: "",
        QUEUE_URL: "https://mock/agent-tasks",
        TASKS_TABLE: "agent-tasks",
        MCP_URL: "https://mock/api/mcp",
        SERVICE: "slack-fanout-test-agent",
        TASKS_PER_USER: "3",
        AGENT_BUSY: "queue",
        AGENT_MODE: "queue",
      });
    });

    it("keeps the gateway's token in SSM, and out of the task definition", () => {
      const { taskDefinitionArgs } = find(resources, "awsx:ecs:FargateService", "agent");
      const arn = "arn:aws:mock:us-east-1:000000000000:agent-mcp-token";

      expect(find(resources, "aws:ssm/parameter:Parameter", "agent-mcp-token")).to.include({ type: "SecureString", value: "hush" });
      expect(taskDefinitionArgs.container.secrets).to.deep.equal([{ name: "MCP_TOKEN", valueFrom: arn }]);
      expect(JSON.stringify(taskDefinitionArgs)).not.to.contain("hush");
    });

    it("opens no port, not even in the account's default network", () => {
      const group = find(resources, "aws:ec2/securityGroup:SecurityGroup", "agent");

      expect(group).to.deep.include({
        vpcId: "vpc-0",
        egress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }],
      });
      expect(group).not.to.have.property("ingress");
      expect(find(resources, "awsx:ecs:FargateService", "agent")["networkConfiguration"]).to.deep.equal({
        subnets: ["subnet-0"],
        securityGroups: ["agent-id"],
        assignPublicIp: true,
      });
    });

    it("keeps Pulumi from changing the number of containers, even after a refresh", async () => {
      const { transforms } = resources.find(({ type }) => type === "awsx:ecs:FargateService")!;
      const ignoredBy = async (type: string) => {
        const args = { type, props: {}, opts: {}, custom: true, name: "agent" };
        const results = await Promise.all(transforms.map(transform => transform(args)));
        return results.flatMap(result => (result?.opts as { ignoreChanges?: string[] })?.ignoreChanges ?? []);
      };

      expect(await ignoredBy("aws:ecs/service:Service")).to.deep.equal(["desiredCount"]);
      expect(await ignoredBy("aws:ecs/taskDefinition:TaskDefinition")).to.deep.equal([]);
    });

    it("lets the worker's role be assumed for this account only", () => {
      const [statement] = JSON.parse(find(resources, "aws:iam/role:Role", "agent")["assumeRolePolicy"]).Statement;

      expect(statement).to.deep.include({
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      });
    });

    it("starts containers while messages wait, and ends all of them when the queue is empty", () => {
      expect(find(resources, "aws:appautoscaling/target:Target", "agent")).to.include({
        resourceId: "service/agent/slack-fanout-test-agent",
        minCapacity: 0,
        maxCapacity: 3,
      });
      expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "agent-backlog")).to.deep.include({
        metricName: "ApproximateNumberOfMessagesVisible",
        threshold: 1,
        evaluationPeriods: 1,
        alarmActions: ["arn:aws:mock:us-east-1:000000000000:agent-grow"],
      });
      const idle = find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "agent-idle");
      expect(idle).to.deep.include({
        threshold: 1,
        evaluationPeriods: 20,
        alarmActions: ["arn:aws:mock:us-east-1:000000000000:agent-end"],
      });
      expect(idle["metricQueries"][0]).to.include({ expression: "waiting + taken", returnData: true });
      expect(find(resources, "aws:appautoscaling/policy:Policy", "agent-end")["stepScalingPolicyConfiguration"]).to.deep.include({
        adjustmentType: "ExactCapacity",
        stepAdjustments: [{ metricIntervalUpperBound: "0", scalingAdjustment: 0 }],
      });
    });

    it("gives Trello's credentials to the gateway alone, and Slack's to the gateway and the opener", () => {
      const variables = find(resources, "aws:lambda/function:Function", "gateway")["environment"].variables;
      expect(variables).to.include.keys("MCP_TOKEN", "ACCESS_TOKEN", "SLACK_URL", "TRELLO_KEY", "TRELLO_TOKEN");
      expect(find(resources, "aws:apigatewayv2/route:Route", "gateway")).to.include({ routeKey: "ANY /mcp" });
      const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes("ACCESS_TOKEN"));
      expect(holders.map(({ name }) => name)).to.have.members(["gateway", "opener"]);
    });
  });

  it("creates its own network if configured, without a NAT gateway", async () => {
    const { resources } = await make({ agent: "fargate", agentVpc: "own" });

    expect(find(resources, "awsx:ec2:Vpc", "agent")).to.deep.include({
      natGateways: { strategy: "None" },
      subnetSpecs: [{ type: "Public" }],
    });
    const group = find(resources, "aws:ec2/securityGroup:SecurityGroup", "agent");
    expect(group).to.deep.include({ egress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }] });
    expect(group).not.to.have.property("ingress");
    expect(find(resources, "awsx:ecs:FargateService", "agent")["networkConfiguration"]).to.deep.equal({
      subnets: ["subnet-1"],
      securityGroups: ["agent-id"],
      assignPublicIp: true,
    });
  });

  it("may invoke exactly the configured model", async () => {
    const { resources } = await make({ agent: "fargate", agentBrain: "bedrock", agentModel: model });

    expect(grantsOf(resources, "agent").at(-1)).to.deep.equal([
      ["bedrock:InvokeModelWithResponseStream"],
      [`arn:aws:bedrock:us-east-1::foundation-model/${model}`],
    ]);
  });

  it("may invoke an inference profile, and its model in any region", async () => {
    const { resources } = await make({ agent: "fargate", agentBrain: "bedrock", agentModel: `jp.${model}` });

    expect(grantsOf(resources, "agent").at(-1)).to.deep.equal([
      ["bedrock:InvokeModelWithResponseStream"],
      [`arn:aws:bedrock:us-east-1:000000000000:inference-profile/jp.${model}`, `arn:aws:bedrock:*::foundation-model/${model}`],
    ]);
  });

  it("works under mocks without ARNs", async () => {
    for (const agent of ["fargate", "agentcore"]) {
      const { resources } = await runMocked(
        () => makeAgent({ agent, agentBrain: "bedrock", agentModel: model }),
        () => undefined,
      );

      expect(grantsOf(resources, "agent")).not.to.deep.equal([]);
    }
  });

  it("has valid and unique names in AWS, whatever the name of the stack", async () => {
    const long = `review.${"of-a-branch-".repeat(6)}`;
    const namesOf = async (agent: string, stack: string) => {
      const { resources } = await runMocked(() => makeAgent({ agent }), undefined, stack);
      return resources
        .filter(({ type }) => /FargateService|AgentcoreAgentRuntime|AgentcoreGateway$/.test(type))
        .map(({ inputs }) => (inputs["agentRuntimeName"] ?? inputs["name"]) as string | undefined);
    };

    expect(await namesOf("fargate", long)).to.deep.equal([`slack-fanout-${long.replace(".", "-")}-agent`]);
    const [one, other] = [await namesOf("agentcore", `${long}1`), await namesOf("agentcore", `${long}2`)];
    // The gateway is named by Pulumi.
    expect(one.filter(name => name !== undefined)).to.have.lengthOf(1);
    expect(one.find(Boolean))
      .to.match(/^[a-zA-Z]\w{0,47}$/)
      .and.not.equal(other.find(Boolean));
  });

  it("names no resource of the partition aws in another partition", async () => {
    const profile = `us-gov.${model}`;
    for (const values of [{ agent: "fargate" }, { agent: "agentcore" }]) {
      const { resources } = await runMocked(
        () => makeAgent({ ...values, agentBrain: "bedrock", agentModel: profile }),
        name => `arn:aws-us-gov:mock:us-gov-west-1:000000000000:${name}`,
      );

      const policies = resources
        .filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")
        .map(({ inputs }) => String(inputs["policy"]));
      expect(policies.flatMap(policy => policy.match(/"arn:aws:[^"]*/g) ?? [])).to.deep.equal([]);
      expect(grantsOf(resources, "agent")).to.deep.include([
        ["bedrock:InvokeModelWithResponseStream"],
        [
          `arn:aws-us-gov:bedrock:us-gov-west-1:000000000000:inference-profile/${profile}`,
          `arn:aws-us-gov:bedrock:*::foundation-model/${model}`,
        ],
      ]);
    }
  });

  describe("on AgentCore", () => {
    let resources: MockedResource[];
    before(async () => {
      ({ resources } = await make({ agent: "agentcore" }));
    });

    it("runs the same image in AgentCore's runtime, and no containers on Fargate", () => {
      const runtime = find(resources, "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime", "agent");

      expect(runtime).to.deep.include({
        networkConfiguration: { networkMode: "PUBLIC" },
        lifecycleConfigurations: [{ idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 }],
      });
      expect(runtime["agentRuntimeName"]).to.match(/^slack_fanout_test_agent_[0-9a-f]{7}$/);
      expect(runtime["environmentVariables"]).to.include({
        AGENT_MODE: "agentcore",
        AWS_REGION: "us-east-1",
        HOST: "0.0.0.0",
        MCP_TOKEN_PARAMETER: "agent-mcp-token",
      });
      expect(runtime["environmentVariables"]).not.to.have.any.keys("ACCESS_TOKEN", "MCP_TOKEN", "TRELLO_TOKEN");
      expect(grantsOf(resources, "agent")).to.deep.include([
        ["ssm:GetParameters"],
        ["arn:aws:mock:us-east-1:000000000000:agent-mcp-token"],
      ]);
      expect(resources.filter(({ type }) => /ecs:|ecs\/|appautoscaling/.test(type))).to.deep.equal([]);
    });

    it("sets the retention of AgentCore's log", () => {
      expect(find(resources, "aws:cloudwatch/logGroup:LogGroup", "agent")).to.include({
        name: "/aws/bedrock-agentcore/runtimes/agent-id-DEFAULT",
        retentionInDays: 7,
      });
    });

    it("has roles for this account only, which have their policies before they are used", () => {
      for (const [type, name] of [
        ["aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime", "agent"],
        ["aws:bedrock/agentcoreGateway:AgentcoreGateway", "agent-gateway"],
      ] as const) {
        const { after } = resources.find(resource => resource.type === type && resource.name === name)!;
        expect(after).to.include(`aws:iam/rolePolicy:RolePolicy ${name}`);
        const [statement] = JSON.parse(find(resources, "aws:iam/role:Role", name)["assumeRolePolicy"]).Statement;
        expect(statement.Condition).to.deep.equal({ StringEquals: { "aws:SourceAccount": "000000000000" } });
      }
    });

    it("hides a message for six times the dispatcher's timeout", () => {
      const { timeout } = find(resources, "aws:lambda/function:Function", "agent-dispatcher");

      expect(find(resources, "aws:sqs/queue:Queue", "agent-tasks")["visibilityTimeoutSeconds"]).to.equal(6 * timeout);
    });

    it("dispatches tasks one by one, with a function that may invoke this runtime only", () => {
      expect(find(resources, "aws:lambda/eventSourceMapping:EventSourceMapping", "agent")).to.deep.include({
        eventSourceArn: "arn:aws:mock:us-east-1:000000000000:agent-tasks",
        functionName: "arn:aws:mock:us-east-1:000000000000:agent-dispatcher",
        batchSize: 1,
      });
      expect(grantsOf(resources, "agent-dispatcher")).to.deep.include([
        ["bedrock-agentcore:InvokeAgentRuntime"],
        ["arn:aws:mock:us-east-1:000000000000:agent", "arn:aws:mock:us-east-1:000000000000:agent/runtime-endpoint/*"],
      ]);
    });

    it("allows the runtime to send tasks back, and to receive none", () => {
      expect(grantsOf(resources, "agent")[0]).to.deep.equal([["sqs:SendMessage"], ["arn:aws:mock:us-east-1:000000000000:agent-tasks"]]);
    });

    it("offers the tools behind an AgentCore Gateway, which may invoke the gateway's function only", () => {
      expect(grantsOf(resources, "agent-gateway")).to.deep.equal([
        [["lambda:InvokeFunction"], ["arn:aws:mock:us-east-1:000000000000:gateway"]],
      ]);
      const { targetConfiguration } = find(resources, "aws:bedrock/agentcoreGatewayTarget:AgentcoreGatewayTarget", "agent-gateway");
      const { lambdaArn, toolSchema } = targetConfiguration.mcp.lambda;
      expect(lambdaArn).to.equal("arn:aws:mock:us-east-1:000000000000:gateway");
      const tools = toolSchema.inlinePayloads as { name: string; inputSchema: { properties: { name: string; required: boolean }[] } }[];
      // Without Trello's settings there is no Trello tool, and only the worker changes the card.
      expect(tools.map(({ name }) => name)).to.deep.equal(TOOL_NAMES.filter(name => name !== "create_trello_card" && isForModels(name)));
      const { properties } = tools[0]!.inputSchema;
      expect(properties.filter(({ required }) => required).map(({ name }) => name)).to.deep.equal(["text"]);
      expect(properties.map(({ name }) => name)).to.include.members(["channel", "task", "idempotencyKey"]);
    });

    it("offers the tool for Trello if configured, and allows calls by the configured roles", async () => {
      const trello = { trelloKey: "key", trelloToken: "token", trelloList: "list0001" };
      const { resources } = await make({ agent: "agentcore", agentGatewayRoles: '["my-agent"]', ...trello });

      const { targetConfiguration } = find(resources, "aws:bedrock/agentcoreGatewayTarget:AgentcoreGatewayTarget", "agent-gateway");
      const names = targetConfiguration.mcp.lambda.toolSchema.inlinePayloads.map(({ name }: { name: string }) => name);
      expect(names).to.include("create_trello_card");
      expect(find(resources, "aws:iam/rolePolicy:RolePolicy", "agent-gateway-my-agent")).to.include({ role: "my-agent" });
      expect(grantsOf(resources, "agent-gateway-my-agent")).to.deep.equal([
        [["bedrock-agentcore:InvokeGateway"], ["arn:aws:mock:us-east-1:000000000000:agent-gateway"]],
      ]);
    });
  });

  describe("of your own", () => {
    const agentRuntimeArn = "arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/my_agent-a1B2c3D4e5";
    let resources: MockedResource[];
    before(async () => {
      ({ resources } = await make({ agent: "agentcore", agentRuntimeArn, agentWorkers: "3" }));
    });

    it("needs no runtime, image or container of the program", () => {
      const made = resources.filter(
        ({ type, name }) => /AgentcoreAgentRuntime|awsx:|ecs|ecr|ssm/.test(type) || name === "agent-dispatcher",
      );
      expect(made).to.deep.equal([]);
    });

    it("is called by a function that works on one task, as many at a time as workers would", () => {
      const { timeout } = find(resources, "aws:lambda/function:Function", "agent-caller");
      expect(timeout).to.equal(900);
      // Lambda refuses a queue that shows messages again before that.
      expect(find(resources, "aws:sqs/queue:Queue", "agent-tasks")["visibilityTimeoutSeconds"]).to.equal(timeout);
      expect(find(resources, "aws:lambda/eventSourceMapping:EventSourceMapping", "agent")).to.deep.include({
        functionName: "arn:aws:mock:us-east-1:000000000000:agent-caller",
        batchSize: 1,
        scalingConfig: { maximumConcurrency: 12 },
      });
    });

    it("is the only runtime that the function may invoke and stop", () => {
      expect(grantsOf(resources, "agent-caller").filter(([actions]) => String(actions).includes("agentcore"))).to.deep.equal([
        [
          ["bedrock-agentcore:InvokeAgentRuntime", "bedrock-agentcore:StopRuntimeSession"],
          [agentRuntimeArn, `${agentRuntimeArn}/runtime-endpoint/*`],
        ],
      ]);
    });

    it("finds the tools behind an AgentCore Gateway", () => {
      find(resources, "aws:bedrock/agentcoreGateway:AgentcoreGateway", "agent-gateway");
    });
  });
});
