import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parseArn } from "./arn";
import {
  createRole,
  type Grant,
  invokeRuntime,
  publish,
  pullImage,
  queryTable,
  readParameter,
  readWrite,
  receive,
  send,
  writeRuntimeLogs,
} from "./grants";
import { ScopedFunction } from "./scoped-function";

const dispatcher = () => require("#functions/agent/dispatcher") as typeof import("#functions/agent/dispatcher");

interface AgentcoreRuntimeArgs {
  image: pulumi.Input<string>;
  /** Where the image lies. */
  repositoryArn: pulumi.Input<string>;
  environment: Record<string, pulumi.Input<string>>;
  /** The token for the gateway, where one is configured. AgentCore hands over no secrets: the worker reads it when it starts. */
  tokenParameter: aws.ssm.Parameter | undefined;
  /** All that the worker may do. */
  allow: Grant[];
  /** Where tasks come from. */
  queue: aws.sqs.Queue;
  /** What is known of them. */
  tasks: aws.dynamodb.Table;
  activeIndex: string;
  /** Told of tasks whose worker was lost again and again. */
  errors: aws.sns.Topic;
  /** Where the function between queue and runtime changes the card of a task that it gives up. */
  gatewayUrl: pulumi.Output<string>;
  /** How many tasks of one person are at work at a time. */
  tasksPerUser: number;
  /** Switches of that function, and `MCP_TOKEN` for the gateway. */
  switches: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
}

/** Starting a session takes some seconds, and may be tried twice. */
const dispatcherSeconds = 60;

/** A failure brings back its own message only. */
const batchSize = 1;

/** The fewest that Lambda allows: handing over is quick. */
const maximumConcurrency = 2;

/** A session ends after so many seconds without work; one with work may last as long as AgentCore lets it, 8 hours. */
const idleSeconds = 900;
const longestSeconds = 8 * 60 * 60;

/** The worker in Amazon Bedrock AgentCore's runtime, a session a task, and the function that hands tasks over from the queue. */
class AgentcoreRuntime extends pulumi.ComponentResource {
  constructor(name: string, args: AgentcoreRuntimeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:bedrock:AgentcoreRuntime", name, {}, opts);
    const child = { parent: this };
    const { queue, tasks, activeIndex, errors, gatewayUrl, tokenParameter, tasksPerUser, logRetentionDays } = args;

    const { role, policy } = createRole(
      name,
      { service: "bedrock-agentcore.amazonaws.com", neighbour: queue },
      [
        ...args.allow,
        ...(tokenParameter === undefined ? [] : [readParameter(tokenParameter)]),
        ...pullImage(args.repositoryArn),
        ...writeRuntimeLogs(queue),
      ],
      child,
    );
    const runtime = new aws.bedrock.AgentcoreAgentRuntime(
      name,
      {
        agentRuntimeName: runtimeNameOf(name),
        agentRuntimeArtifact: { containerConfiguration: { containerUri: args.image } },
        roleArn: role.arn,
        networkConfiguration: { networkMode: "PUBLIC" },
        protocolConfiguration: { serverProtocol: "HTTP" },
        lifecycleConfigurations: [{ idleRuntimeSessionTimeout: idleSeconds, maxLifetime: longestSeconds }],
        environmentVariables: {
          ...args.environment,
          ...(tokenParameter && { MCP_TOKEN_PARAMETER: tokenParameter.name }),
          // Unlike Lambda and ECS, AgentCore does not tell its containers where they are.
          AWS_REGION: queue.arn.apply(arn => parseArn(arn).region),
          AGENT_MODE: "agentcore",
          // Its callers reach it from outside the container.
          HOST: "0.0.0.0",
        },
      },
      // It is refused where its role can't fetch the image.
      { ...child, dependsOn: [policy] },
    );
    const runtimeArn = runtime.agentRuntimeArn;
    // AgentCore would make this group at the first invocation, and keep its lines for ever.
    new aws.cloudwatch.LogGroup(
      name,
      {
        name: pulumi.interpolate`/aws/bedrock-agentcore/runtimes/${runtime.agentRuntimeId}-DEFAULT`,
        retentionInDays: logRetentionDays,
      },
      child,
    );

    const { lambda } = new ScopedFunction(
      `${name}-dispatcher`,
      {
        allow: [receive(queue), send(queue), readWrite(tasks), queryTable(tasks), invokeRuntime(runtimeArn), publish(errors)],
        environment: args.switches,
        timeoutSeconds: dispatcherSeconds,
        logRetentionDays,
        callbackFactory: () =>
          dispatcher().create({
            queueUrl: queue.url.get(),
            tasksTable: tasks.name.get(),
            activeIndex,
            runtimeArn: runtimeArn.get(),
            errorsTopicArn: errors.arn.get(),
            gatewayUrl: gatewayUrl.get(),
            tasksPerUser,
          }),
      },
      child,
    );
    new aws.lambda.EventSourceMapping(
      name,
      { eventSourceArn: queue.arn, functionName: lambda.arn, batchSize, scalingConfig: { maximumConcurrency } },
      child,
    );
    this.registerOutputs({});
  }
}

/**
 * A name of letters, digits and underscores, 48 at most, which AgentCore wants to be the only one in its account: what is left out of
 * the stack's name is in the digest at its end.
 */
const runtimeNameOf = (name: string): string => {
  const full = `${pulumi.getProject()}_${pulumi.getStack()}_${name}`;
  const digest = createHash("sha256").update(full).digest("hex").slice(0, 7);
  return `${full.replace(/\W/g, "_").slice(0, 40)}_${digest}`;
};

export type { AgentcoreRuntimeArgs };
export { AgentcoreRuntime, dispatcherSeconds };
