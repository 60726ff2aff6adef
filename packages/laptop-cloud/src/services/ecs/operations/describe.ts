import type { ContainerService } from "../container-service";
import type { Task } from "../task";

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);

/** Service, in the API's shape. */
const describeService = (service: ContainerService, clusterArn: string) => {
  const { name, arn, taskDefinitionArn } = service.configuration;
  const { desiredCount, running } = service;
  return {
    serviceName: name,
    serviceArn: arn,
    clusterArn,
    taskDefinition: taskDefinitionArn,
    status: "ACTIVE",
    launchType: "FARGATE",
    desiredCount,
    runningCount: running.length,
    pendingCount: Math.max(0, desiredCount - running.length),
    deployments: [],
    events: [],
  };
};

/** Task, in the API's shape. Differs: a container's `runtimeId` is the id of its process on this machine. */
const describeTask = (task: Task, clusterArn: string) => {
  const { name, taskDefinitionArn, container } = task.service;
  const lastStatus = task.exit === undefined ? "RUNNING" : "STOPPED";
  return {
    taskArn: task.arn,
    clusterArn,
    taskDefinitionArn,
    group: `service:${name}`,
    startedBy: "ecs-svc",
    launchType: "FARGATE",
    lastStatus,
    desiredStatus: task.isStopping || task.exit !== undefined ? "STOPPED" : "RUNNING",
    createdAt: seconds(task.createdAtMs),
    startedAt: seconds(task.createdAtMs),
    stoppedAt: seconds(task.stoppedAtMs),
    stoppedReason: task.stoppedReason,
    stopCode: task.exit === undefined ? undefined : task.isStopping ? "UserInitiated" : "EssentialContainerExited",
    containers: [
      {
        name: container.name,
        image: container.image,
        taskArn: task.arn,
        lastStatus,
        runtimeId: task.pid === undefined ? undefined : String(task.pid),
        exitCode: exitCodeOf(task.exit),
      },
    ],
  };
};

/** The exit code that a shell reports for a signal. */
const signalCodes: Partial<Record<NodeJS.Signals, number>> = { SIGKILL: 137, SIGTERM: 143 };

const exitCodeOf = (exit: Task["exit"]) =>
  exit === undefined ? undefined : (exit.code ?? (exit.signal === null ? undefined : signalCodes[exit.signal]));

export { describeService, describeTask };
