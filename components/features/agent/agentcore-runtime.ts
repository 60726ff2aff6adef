import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { NoticesTopic } from "../../resources/notices";
import type { Queue } from "../../resources/queue";
import type { Table } from "../../resources/table";
import { parseArn } from "../../wiring/arn";
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
} from "../../wiring/grants";
import { buildPhysicalName } from "../../wiring/physical-name";
import { ScopedFunction } from "../../wiring/scoped-function";
import { Edge, wire, withoutGrant } from "../../wiring/wire";

interface AgentcoreRuntimeArgs {
  image: pulumi.Input<string>;
  /** The repository of the image. */
  repositoryArn: pulumi.Input<string>;
  environment: Record<string, pulumi.Input<string>>;
  /** The gateway's token, if one is configured. AgentCore passes no secrets to containers, so the worker reads it when it starts. */
  tokenParameter: aws.ssm.Parameter | undefined;
  /** All that the worker may do. */
  allow: Grant[];
  /** The queue of tasks. */
  queue: Queue;
  /** The state of tasks. */
  tasks: Table;
  /** Topic for tasks whose worker was lost too often. */
  errors: NoticesTopic;
  /** URL of the gateway, which updates the card of a task that the dispatcher gives up. */
  gatewayUrl: pulumi.Output<string>;
  /** How many tasks of one person run at a time. */
  tasksPerUser: number;
  /** How many tasks of one workspace run at a time. Undefined where the stack serves one workspace. */
  tasksPerTeam: number | undefined;
  /** Environment of the dispatcher: what all functions share, and `MCP_TOKEN`. */
  dispatcherEnvironment: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
  /** Whether X-Ray traces the dispatcher. Default false. */
  tracing?: boolean;
}

/** Starting a session takes some seconds, and may be tried twice. */
const DISPATCHER_SECONDS = 60;

/** With one message per batch, a failure retries that message only. */
const BATCH_SIZE = 1;

/** The fewest that Lambda allows: dispatching is quick. */
const MAXIMUM_CONCURRENCY = 2;

/** An idle session ends after this many seconds. A busy one may last 8 hours, AgentCore's maximum. */
const IDLE_SECONDS = 900;
const LONGEST_SECONDS = 8 * 60 * 60;

/** The worker in Amazon Bedrock AgentCore's runtime, one session per task, and the function that dispatches tasks from the queue. */
class AgentcoreRuntime extends pulumi.ComponentResource {
  constructor(name: string, args: AgentcoreRuntimeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:bedrock:AgentcoreRuntime", name, {}, opts);
    const child = { parent: this };
    const { queue, tasks, errors, gatewayUrl, tokenParameter, tasksPerUser, tasksPerTeam, logRetentionDays, tracing } = args;

    const { role, policy } = createRole(
      name,
      { service: "bedrock-agentcore.amazonaws.com", inAccountOf: queue },
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
        lifecycleConfigurations: [{ idleRuntimeSessionTimeout: IDLE_SECONDS, maxLifetime: LONGEST_SECONDS }],
        environmentVariables: {
          ...args.environment,
          ...(tokenParameter && { MCP_TOKEN_PARAMETER: tokenParameter.name }),
          // Unlike Lambda and ECS, AgentCore does not set the region in its containers.
          AWS_REGION: queue.arn.apply(arn => parseArn(arn).region),
          AGENT_MODE: "agentcore",
          // Requests come from outside the container.
          HOST: "0.0.0.0",
        },
      },
      // Creating it fails if its role can't pull the image.
      { ...child, dependsOn: [policy] },
    );
    const runtimeArn = runtime.agentRuntimeArn;
    // AgentCore would create this group at the first invocation, without a retention.
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
        ...wire(() => require("#functions/agent/dispatcher") as typeof import("#functions/agent/dispatcher"), {
          queueUrl: queue.may(receive, send),
          tasksTable: tasks.may(readWrite, queryTable),
          runtimeArn: new Edge(runtimeArn, [invokeRuntime(runtimeArn)]),
          errorsTopicArn: errors.may(publish),
          gatewayUrl: withoutGrant(gatewayUrl),
          tasksPerUser,
          tasksPerTeam,
        }),
        environment: args.dispatcherEnvironment,
        timeoutSeconds: DISPATCHER_SECONDS,
        logRetentionDays,
        tracing,
      },
      child,
    );
    new aws.lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: queue.arn,
        functionName: lambda.arn,
        batchSize: BATCH_SIZE,
        scalingConfig: { maximumConcurrency: MAXIMUM_CONCURRENCY },
      },
      child,
    );
    this.registerOutputs({});
  }
}

/**
 * Builds a name that AgentCore accepts: at most 48 letters, digits and underscores, unique in the account. The digest at its end keeps names
 * unique that are equal once shortened.
 */
const runtimeNameOf = (name: string): string => {
  const full = buildPhysicalName(name, "_");
  const digest = createHash("sha256").update(full).digest("hex").slice(0, 7);
  return `${full.replace(/\W/g, "_").slice(0, 40)}_${digest}`;
};

export type { AgentcoreRuntimeArgs };
export { AgentcoreRuntime, DISPATCHER_SECONDS as dispatcherSeconds };
