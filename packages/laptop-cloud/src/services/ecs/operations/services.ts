import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { arnOf, nameOfArn } from "../container-definition";
import type { Containers } from "../store";
import { clusterArn, type InCluster, missing, paging, requireList } from "./cluster";
import { describeService } from "./describe";

/** Behaves as ListClusters; differs: one page. */
const listClusters: OperationOf<Containers> = async (containers, input: object, call) => {
  refuseUnknownParameters(call, input, paging);
  call.authorize("ecs:ListClusters", "*");
  return { clusterArns: containers.clusters().map(cluster => clusterArn(containers, cluster)) };
};

/** Behaves as ListServices; differs: one page, no filters. */
const listServices: OperationOf<Containers> = async (containers, input: InCluster, call) => {
  refuseUnknownParameters(call, input, ["cluster", ...paging]);
  call.authorize("ecs:ListServices", "*");
  return { serviceArns: containers.of(containers.findCluster(input.cluster)).map(({ configuration }) => configuration.arn) };
};

/** Behaves as DescribeServices; differs: no deployments and events. */
const describeServices: OperationOf<Containers> = async (containers, input: InCluster & { services?: string[] }, call) => {
  refuseUnknownParameters(call, input, ["cluster", "services", "include"]);
  const cluster = containers.findCluster(input.cluster);
  const services = [];
  const failures = [];
  for (const nameOrArn of requireList(input.services, "services")) {
    const arn = arnOf(containers.cloud.place, `service/${cluster}/${nameOfArn(nameOrArn)}`);
    call.authorize("ecs:DescribeServices", arn);
    const service = containers.find(cluster, nameOrArn);
    if (service === undefined) failures.push(missing(arn));
    else services.push(describeService(service, clusterArn(containers, cluster)));
  }
  return { services, failures };
};

/** Behaves as UpdateService; differs: changes `desiredCount`, until the next start; with `forceNewDeployment` its tasks are replaced. */
const updateService: OperationOf<Containers> = async (
  containers,
  input: InCluster & { service?: string; desiredCount?: number; forceNewDeployment?: boolean },
  call,
) => {
  refuseUnknownParameters(call, input, ["cluster", "service", "desiredCount", "forceNewDeployment"]);
  const cluster = containers.findCluster(input.cluster);
  const name = nameOfArn(input.service ?? "");
  call.authorize("ecs:UpdateService", arnOf(containers.cloud.place, `service/${cluster}/${name}`));
  const service = containers.find(cluster, name);
  if (service === undefined) throw new AwsError("ServiceNotFoundException", "Service not found.");
  const count = input.desiredCount ?? service.desiredCount;
  if (!Number.isInteger(count) || count < 0)
    throw new AwsError("InvalidParameterException", `desiredCount is ${JSON.stringify(count)}, but must be a whole number from 0 up.`);
  if (input.forceNewDeployment === true) service.replace();
  service.scale(count);
  return { service: describeService(service, clusterArn(containers, cluster)) };
};

export { describeServices, listClusters, listServices, updateService };
