/** The contents of single resources: a queue's messages, a state machine's executions, a service's tasks, the timers. */
import { pageReader } from "../kernel/caller";
import type { Cloud } from "../kernel/service";
import type { Execution, ExecutionHistory, QueueContents, ServiceReport, Timer } from "../protocol";
import { findByArn, findResource } from "./find-resource";

const MAX_EXECUTIONS = 25;

/** A queue's messages, oldest first, without receiving them. Throws `HttpError` 404. */
const readQueue = (cloud: Cloud, name: string | null): Promise<QueueContents> => {
  const { outputs } = findResource(cloud.inventory, "aws:sqs/queue:Queue", name, "queue");
  return cloud.call("sqs", "laptop:PeekMessages", { QueueUrl: outputs["url"] }, pageReader);
};

/** Step Functions' listed execution; dates are epoch seconds. */
interface ListedExecution {
  executionArn: string;
  name: string;
  status: string;
  startDate: number;
  stopDate?: number;
}

/** A state machine's latest executions. Throws `HttpError` 404. */
const readMachine = async (cloud: Cloud, name: string | null): Promise<{ executions: Execution[] }> => {
  const { id } = findResource(cloud.inventory, "aws:sfn/stateMachine:StateMachine", name, "state machine");
  const input = { stateMachineArn: id, maxResults: MAX_EXECUTIONS };
  const { executions = [] } = await cloud.call("states", "ListExecutions", input, pageReader);
  return {
    executions: (executions as ListedExecution[]).map(({ executionArn, name, status, startDate, stopDate }) => ({
      arn: executionArn,
      name,
      status,
      startMs: Math.round(startDate * 1000),
      stopMs: stopDate === undefined ? null : Math.round(stopDate * 1000),
    })),
  };
};

/** An execution with its input, outcome and history. */
const readExecution = async (cloud: Cloud, executionArn: string | null): Promise<ExecutionHistory> => {
  const { input, output, error, cause, status } = await cloud.call("states", "DescribeExecution", { executionArn }, pageReader);
  const { events } = await cloud.call("states", "GetExecutionHistory", { executionArn, maxResults: 1000 }, pageReader);
  return { status, input, output: output ?? null, error: error ?? null, cause: cause ?? null, events };
};

/** The parts of an ECS task that are read here. */
interface DescribedTask {
  taskArn: string;
  lastStatus: string;
  startedAt: number;
  stoppedAt?: number;
  stoppedReason?: string;
  containers: { runtimeId?: string; exitCode?: number }[];
}

/** A container service's running and recently stopped tasks, newest first. Throws `HttpError` 404. */
const readService = async (cloud: Cloud, name: string | null): Promise<ServiceReport> => {
  const { outputs } = findResource(cloud.inventory, "awsx:ecs:FargateService", name, "container service");
  const { name: serviceName, cluster, desiredCount } = outputs["service"] as { name: string; cluster: string; desiredCount: number };
  const lists = await Promise.all(
    ["RUNNING", "STOPPED"].map(desiredStatus => cloud.call("ecs", "ListTasks", { cluster, serviceName, desiredStatus }, pageReader)),
  );
  const arns = lists.flatMap(({ taskArns }) => taskArns as string[]);
  const { tasks } = arns.length === 0 ? { tasks: [] } : await cloud.call("ecs", "DescribeTasks", { cluster, tasks: arns }, pageReader);
  const reported = (tasks as DescribedTask[]).map(({ taskArn, lastStatus, startedAt, stoppedAt, stoppedReason, containers }) => ({
    id: taskArn.split("/").at(-1)!,
    status: lastStatus,
    processId: containers[0]?.runtimeId ?? null,
    startedMs: Math.round(startedAt * 1000),
    stoppedMs: stoppedAt === undefined ? null : Math.round(stoppedAt * 1000),
    reason: stoppedReason ?? null,
    exitCode: containers[0]?.exitCode ?? null,
  }));
  return { desiredCount, tasks: reported.sort((a, b) => b.startedMs - a.startedMs) };
};

/** Services with timers, by the prefix of their resource types. A program without such resources has not started the service. */
const TIMED_SERVICES: Record<string, string> = { "aws:scheduler/": "scheduler", "aws:cloudwatch/event": "events" };

/** Schedules, rules with schedules and one-time timers, the next to fire first. */
const readTimers = async (cloud: Cloud): Promise<{ timers: Timer[] }> => {
  const services = Object.entries(TIMED_SERVICES).filter(([prefix]) =>
    cloud.inventory.resources.some(({ type }) => type.startsWith(prefix)),
  );
  const lists = await Promise.all(services.map(([, service]) => cloud.call(service, "laptop:ListTimers", {}, pageReader)));
  const timers = lists
    .flatMap(
      ({ Timers }) => Timers as { Name: string; ScheduleExpression: string; TargetArn: string; Input?: string; nextMs: number | null }[],
    )
    .map(({ Name, ScheduleExpression, TargetArn, Input, nextMs }) => ({
      name: Name,
      expression: ScheduleExpression,
      target: findByArn(cloud.inventory, TargetArn)?.name ?? TargetArn,
      input: Input ?? null,
      nextMs,
    }));
  return { timers: timers.sort((a, b) => (a.nextMs ?? Number.POSITIVE_INFINITY) - (b.nextMs ?? Number.POSITIVE_INFINITY)) };
};

export { readExecution, readMachine, readQueue, readService, readTimers };
