import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { arnOf, nameOfArn } from "../container-definition";
import type { Containers } from "../store";
import type { Task } from "../task";
import { clusterArn, type InCluster, missing, paging, requireList } from "./cluster";
import { describeTask } from "./describe";

/** Behaves as ListTasks; differs: one page, filters by service and desired status only. */
const listTasks: OperationOf<Containers> = async (
  containers,
  input: InCluster & { serviceName?: string; desiredStatus?: string },
  call,
) => {
  refuseUnknownParameters(call, input, ["cluster", "serviceName", "desiredStatus", ...paging]);
  const cluster = containers.findCluster(input.cluster);
  call.authorize("ecs:ListTasks", arnOf(containers.cloud.place, `container-instance/${cluster}/*`));
  const { serviceName, desiredStatus = "RUNNING" } = input;
  if (serviceName !== undefined && containers.find(cluster, serviceName) === undefined)
    throw new AwsError("ServiceNotFoundException", "Service not found.");
  const tasks = tasksOf(containers, cluster)
    .filter(({ service }) => serviceName === undefined || service.name === nameOfArn(serviceName))
    .filter(task => describeTask(task, clusterArn(containers, cluster)).desiredStatus === desiredStatus);
  return { taskArns: tasks.map(({ arn }) => arn) };
};

/** Behaves as DescribeTasks; differs: `runtimeId` is the id of the process. */
const describeTasks: OperationOf<Containers> = async (containers, input: InCluster & { tasks?: string[] }, call) => {
  refuseUnknownParameters(call, input, ["cluster", "tasks", "include"]);
  const cluster = containers.findCluster(input.cluster);
  const tasks = [];
  const failures = [];
  for (const idOrArn of requireList(input.tasks, "tasks")) {
    const arn = arnOf(containers.cloud.place, `task/${cluster}/${nameOfArn(idOrArn)}`);
    call.authorize("ecs:DescribeTasks", arn);
    const task = findTask(containers, cluster, idOrArn);
    if (task === undefined) failures.push(missing(arn));
    else tasks.push(describeTask(task, clusterArn(containers, cluster)));
  }
  return { tasks, failures };
};

/** Behaves as StopTask: SIGTERM, then SIGKILL after the container's `stopTimeout`. Its service starts another one. */
const stopTask: OperationOf<Containers> = async (containers, input: InCluster & { task?: string; reason?: string }, call) => {
  refuseUnknownParameters(call, input, ["cluster", "task", "reason"]);
  const cluster = containers.findCluster(input.cluster);
  const idOrArn = input.task ?? "";
  call.authorize("ecs:StopTask", arnOf(containers.cloud.place, `task/${cluster}/${nameOfArn(idOrArn)}`));
  const task = findTask(containers, cluster, idOrArn);
  if (task === undefined) throw new AwsError("InvalidParameterException", "The referenced task was not found.");
  if (task.exit === undefined) void task.stop(input.reason ?? "Task stopped by user");
  containers.find(cluster, task.service.name)?.fill();
  return { task: describeTask(task, clusterArn(containers, cluster)) };
};

const tasksOf = (containers: Containers, cluster: string): Task[] => containers.of(cluster).flatMap(({ tasks }) => tasks);

const findTask = (containers: Containers, cluster: string, idOrArn: string) =>
  tasksOf(containers, cluster).find(({ id }) => id === nameOfArn(idOrArn));

export { describeTasks, listTasks, stopTask };
