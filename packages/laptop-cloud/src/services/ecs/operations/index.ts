import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Cloud, Operation, Service } from "../../../kernel/service";
import { arnOf, nameOfArn } from "../container-definition";
import type { Containers } from "../store";
import type { Task } from "../task";
import { describeService, describeTask } from "./describe";

/** Nothing here is more than fits one page; sizes of pages are taken and make no difference. */
const paging = ["maxResults", "nextToken"];

interface InCluster {
  cluster?: string;
}

/** The operations of container services, as far as they are imitated. */
const createOperations = (cloud: Cloud, containers: Containers): Service["operations"] => {
  const clusterArn = (cluster: string) => arnOf(cloud.place, `cluster/${cluster}`);
  const tasksOf = (cluster: string): Task[] => containers.of(cluster).flatMap(({ tasks }) => tasks);
  const findTask = (cluster: string, idOrArn: string) => tasksOf(cluster).find(({ id }) => id === nameOfArn(idOrArn));
  const missing = (arn: string) => ({ arn, reason: "MISSING" });

  /** Behaves as ListClusters; differs: one page. */
  const listClusters: Operation = async (input: object, call) => {
    refuseUnknownParameters(call, input, paging);
    call.authorize("ecs:ListClusters", "*");
    return { clusterArns: containers.clusters().map(clusterArn) };
  };

  /** Behaves as ListServices; differs: one page, no filters. */
  const listServices: Operation = async (input: InCluster, call) => {
    refuseUnknownParameters(call, input, ["cluster", ...paging]);
    call.authorize("ecs:ListServices", "*");
    return { serviceArns: containers.of(containers.findCluster(input.cluster)).map(({ configuration }) => configuration.arn) };
  };

  /** Behaves as DescribeServices; differs: no deployments and events. */
  const describeServices: Operation = async (input: InCluster & { services?: string[] }, call) => {
    refuseUnknownParameters(call, input, ["cluster", "services", "include"]);
    const cluster = containers.findCluster(input.cluster);
    const services = [];
    const failures = [];
    for (const nameOrArn of requireList(input.services, "services")) {
      const arn = arnOf(cloud.place, `service/${cluster}/${nameOfArn(nameOrArn)}`);
      call.authorize("ecs:DescribeServices", arn);
      const service = containers.find(cluster, nameOrArn);
      if (service === undefined) failures.push(missing(arn));
      else services.push(describeService(service, clusterArn(cluster)));
    }
    return { services, failures };
  };

  /** Behaves as ListTasks; differs: one page, filters by service and desired status only. */
  const listTasks: Operation = async (input: InCluster & { serviceName?: string; desiredStatus?: string }, call) => {
    refuseUnknownParameters(call, input, ["cluster", "serviceName", "desiredStatus", ...paging]);
    const cluster = containers.findCluster(input.cluster);
    call.authorize("ecs:ListTasks", arnOf(cloud.place, `container-instance/${cluster}/*`));
    const { serviceName, desiredStatus = "RUNNING" } = input;
    if (serviceName !== undefined && containers.find(cluster, serviceName) === undefined)
      throw new AwsError("ServiceNotFoundException", "Service not found.");
    const tasks = tasksOf(cluster)
      .filter(({ service }) => serviceName === undefined || service.name === nameOfArn(serviceName))
      .filter(task => describeTask(task, clusterArn(cluster)).desiredStatus === desiredStatus);
    return { taskArns: tasks.map(({ arn }) => arn) };
  };

  /** Behaves as DescribeTasks; differs: `runtimeId` is the id of the process. */
  const describeTasks: Operation = async (input: InCluster & { tasks?: string[] }, call) => {
    refuseUnknownParameters(call, input, ["cluster", "tasks", "include"]);
    const cluster = containers.findCluster(input.cluster);
    const tasks = [];
    const failures = [];
    for (const idOrArn of requireList(input.tasks, "tasks")) {
      const arn = arnOf(cloud.place, `task/${cluster}/${nameOfArn(idOrArn)}`);
      call.authorize("ecs:DescribeTasks", arn);
      const task = findTask(cluster, idOrArn);
      if (task === undefined) failures.push(missing(arn));
      else tasks.push(describeTask(task, clusterArn(cluster)));
    }
    return { tasks, failures };
  };

  /** Behaves as StopTask: SIGTERM, then SIGKILL after the container's `stopTimeout`. Its service starts another one. */
  const stopTask: Operation = async (input: InCluster & { task?: string; reason?: string }, call) => {
    refuseUnknownParameters(call, input, ["cluster", "task", "reason"]);
    const cluster = containers.findCluster(input.cluster);
    const idOrArn = input.task ?? "";
    call.authorize("ecs:StopTask", arnOf(cloud.place, `task/${cluster}/${nameOfArn(idOrArn)}`));
    const task = findTask(cluster, idOrArn);
    if (task === undefined) throw new AwsError("InvalidParameterException", "The referenced task was not found.");
    if (task.exit === undefined) void task.stop(input.reason ?? "Task stopped by user");
    containers.find(cluster, task.service.name)?.fill();
    return { task: describeTask(task, clusterArn(cluster)) };
  };

  /** Behaves as UpdateService; differs: changes `desiredCount`, until the next start; with `forceNewDeployment` its tasks are replaced. */
  const updateService: Operation = async (
    input: InCluster & { service?: string; desiredCount?: number; forceNewDeployment?: boolean },
    call,
  ) => {
    refuseUnknownParameters(call, input, ["cluster", "service", "desiredCount", "forceNewDeployment"]);
    const cluster = containers.findCluster(input.cluster);
    const name = nameOfArn(input.service ?? "");
    call.authorize("ecs:UpdateService", arnOf(cloud.place, `service/${cluster}/${name}`));
    const service = containers.find(cluster, name);
    if (service === undefined) throw new AwsError("ServiceNotFoundException", "Service not found.");
    const count = input.desiredCount ?? service.desiredCount;
    if (!Number.isInteger(count) || count < 0)
      throw new AwsError("InvalidParameterException", `desiredCount is ${JSON.stringify(count)}: want a whole number from 0 up.`);
    if (input.forceNewDeployment === true) service.replace();
    service.scale(count);
    return { service: describeService(service, clusterArn(cluster)) };
  };

  return {
    ListClusters: listClusters,
    ListServices: listServices,
    DescribeServices: describeServices,
    ListTasks: listTasks,
    DescribeTasks: describeTasks,
    StopTask: stopTask,
    UpdateService: updateService,
  };
};

/** Throws `AwsError` InvalidParameterException. */
const requireList = (list: string[] | undefined, name: string): string[] => {
  if (list === undefined || list.length === 0) throw new AwsError("InvalidParameterException", `${name} can not be empty.`);
  return list;
};

export { createOperations };
