import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { TASKS_PER_WORKER } from "#core/agent/task";
import type { AgentBusy } from "#core/agent/thread";
import type { Queue } from "../../resources/queue";
import type { Table } from "../../resources/table";
import { checkItems, deleteItems, queryTable, readWrite, receive, send, useRuntime } from "../../wiring/grants";
import { ScopedFunction } from "../../wiring/scoped-function";
import { Edge, wire, withoutGrant } from "../../wiring/wire";

interface AgentcoreCallerArgs {
  /** The runtime of an agent of your own. */
  runtimeArn: string;
  /** The queue of tasks. */
  queue: Queue;
  /** The state of tasks. */
  tasks: Table;
  /** URL of the gateway, which shows the task's card and answer. */
  gatewayUrl: pulumi.Output<string>;
  busy: AgentBusy;
  /** How many tasks of one person run at a time. */
  tasksPerUser: number;
  /** How many tasks of one workspace run at a time. Undefined where the stack serves one workspace. */
  tasksPerTeam: number | undefined;
  /** The setting `agentWorkers`. At most four times as many tasks run at a time. */
  workers: number;
  /** What all functions share, and `MCP_TOKEN`. */
  environment: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
  /** Whether X-Ray traces the function. Default false. */
  tracing?: boolean;
}

/** Lambda's maximum. A task that takes longer goes on in the next invocation. */
const CALLER_SECONDS = 900;

/** Each invocation has its whole time for one task. */
const BATCH_SIZE = 1;

/** The function that works on tasks with an agent of your own on AgentCore Runtime. */
class AgentcoreCaller extends pulumi.ComponentResource {
  constructor(name: string, args: AgentcoreCallerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:bedrock:AgentcoreCaller", name, {}, opts);
    const child = { parent: this };
    const { runtimeArn, queue, tasks, busy, tasksPerUser, tasksPerTeam, environment, logRetentionDays, tracing } = args;

    const { lambda } = new ScopedFunction(
      `${name}-caller`,
      {
        ...wire(() => require("#functions/agent/caller") as typeof import("#functions/agent/caller"), {
          queueUrl: queue.may(receive, send),
          tasksTable: tasks.may(readWrite, queryTable, deleteItems, checkItems),
          runtimeArn: new Edge(runtimeArn, [useRuntime(runtimeArn)]),
          gatewayUrl: withoutGrant(args.gatewayUrl),
          busy,
          tasksPerUser,
          tasksPerTeam,
        }),
        environment,
        timeoutSeconds: CALLER_SECONDS,
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
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: args.workers * TASKS_PER_WORKER },
      },
      child,
    );
    this.registerOutputs({});
  }
}

export { AgentcoreCaller, CALLER_SECONDS as callerSeconds };
