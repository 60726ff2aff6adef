import * as aws from "@pulumi/aws";
// Only these two folders: the whole of awsx takes 150 ms to load.
import * as ec2 from "@pulumi/awsx/ec2";
import * as ecs from "@pulumi/awsx/ecs";
import * as pulumi from "@pulumi/pulumi";
import { createRole, type Grant, pullImage, readParameter, scaleService, writeLogs } from "../../wiring/grants";
import { buildPhysicalName } from "../../wiring/physical-name";
import { QueueScaling } from "./queue-scaling";

interface ContainerServiceArgs {
  image: pulumi.Input<string>;
  /** The repository of the image. */
  repositoryArn: pulumi.Input<string>;
  command: string[];
  environment: Record<string, pulumi.Input<string>>;
  /** All that the container may do. */
  allow: Grant[];
  /** The queue that it consumes. While the queue is empty, no container runs. */
  queue: aws.sqs.Queue;
  /** The most containers at a time. */
  most: number;
  /**
   * Environment variables that the container gets from SSM when it starts, by name. Their values are not in the task definition, which
   * more people can read.
   */
  secrets: Record<string, aws.ssm.Parameter>;
  /** `own`: a network for this service alone; `default`: the account's. Both use public addresses, since a NAT gateway costs by the hour. */
  network: "default" | "own";
  logRetentionDays: number;
}

/** A quarter of a CPU, the smallest on Fargate: a worker mostly waits. */
const CPU_UNITS = 256;
const MEMORY_MEGABYTES = 512;

/** Seconds between SIGTERM and SIGKILL, the longest on Fargate: time to hand back unfinished tasks. */
const STOP_TIMEOUT_SECONDS = 120;

/** Containers on Fargate that consume a queue: more while messages wait, none while the queue is empty. */
class ContainerService extends pulumi.ComponentResource {
  readonly cluster: pulumi.Output<string>;
  readonly service: string;
  /** Grants for reading and setting the number of containers. */
  readonly scale: Grant[];

  constructor(name: string, args: ContainerServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:ecs:ContainerService", name, {}, opts);
    const child = { parent: this };

    const cluster = new aws.ecs.Cluster(name, {}, child);
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: `/ecs/${buildPhysicalName(name)}`, retentionInDays: args.logRetentionDays },
      child,
    );
    const service = "ecs-tasks.amazonaws.com";
    const task = createRole(name, { service, inAccountOf: cluster }, args.allow, child);
    // ECS uses this role to pull the image, read the secrets and write the log. ECS names no source account when it assumes the role, so the role's trust policy has no condition.
    const start = [...pullImage(args.repositoryArn), writeLogs(logGroup), ...Object.values(args.secrets).map(readParameter)];
    const execution = createRole(`${name}-execution`, { service }, start, child);

    // Explicit, because the scaling needs the name. ECS accepts letters, digits, hyphens and underscores; a stack's name may have dots.
    const serviceName = `${pulumi.getProject()}-${pulumi.getStack()}-${name}`.replace(/[^\w-]/g, "-");
    const fargate = new ecs.FargateService(
      name,
      {
        name: serviceName,
        cluster: cluster.arn,
        // The initial count; the scaling changes it.
        desiredCount: 0,
        continueBeforeSteadyState: true,
        ...createNetwork(name, args.network, child),
        taskDefinitionArgs: {
          taskRole: { roleArn: task.role.arn },
          executionRole: { roleArn: execution.role.arn },
          logGroup: { existing: { name: logGroup.name } },
          runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
          container: {
            name,
            image: args.image,
            command: args.command,
            environment: Object.entries(args.environment).map(([name, value]) => ({ name, value })),
            secrets: Object.entries(args.secrets).map(([name, { arn }]) => ({ name, valueFrom: arn })),
            cpu: CPU_UNITS,
            memory: MEMORY_MEGABYTES,
            essential: true,
            stopTimeout: STOP_TIMEOUT_SECONDS,
          },
        },
      },
      { ...child, dependsOn: [task.policy, execution.policy], transforms: [keepDesiredCount] },
    );

    new QueueScaling(
      name,
      { queue: args.queue, most: args.most, resourceId: pulumi.interpolate`service/${cluster.name}/${serviceName}` },
      { ...child, dependsOn: [fargate] },
    );
    this.cluster = cluster.name;
    this.service = serviceName;
    this.scale = [scaleService(cluster, serviceName)];
    this.registerOutputs({});
  }
}

/**
 * Keeps Pulumi from changing the number of containers: `pulumi up --refresh` would set it to 0 and end busy workers. awsx has no argument for
 * this, and creates the service in another process, which only a transform reaches.
 */
const keepDesiredCount: pulumi.ResourceTransform = ({ type, props, opts }) =>
  type === "aws:ecs/service:Service" ? { props, opts: pulumi.mergeOptions(opts, { ignoreChanges: ["desiredCount"] }) } : undefined;

/**
 * A container accepts no connections from outside, and reaches AWS and the gateway by HTTPS. Subnets and security group are always explicit,
 * because awsx's default security group opens every port to the world.
 */
const createNetwork = (name: string, network: "default" | "own", opts: pulumi.ComponentResourceOptions) => {
  const vpc = network === "default" ? new ec2.DefaultVpc(name, {}, opts) : createOwnVpc(name, opts);
  const group = new aws.ec2.SecurityGroup(
    name,
    { vpcId: vpc.vpcId, egress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }] },
    opts,
  );
  return { networkConfiguration: { subnets: vpc.publicSubnetIds, securityGroups: [group.id], assignPublicIp: true } };
};

const createOwnVpc = (name: string, opts: pulumi.ComponentResourceOptions) =>
  new ec2.Vpc(
    name,
    { numberOfAvailabilityZones: 2, natGateways: { strategy: "None" }, subnetStrategy: "Auto", subnetSpecs: [{ type: "Public" }] },
    opts,
  );

export { ContainerService };
