import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { createRole, type Grant, pullImage, readParameter, scaleService, writeLogs } from "./grants";
import { QueueScaling } from "./queue-scaling";

interface ContainerServiceArgs {
  image: pulumi.Input<string>;
  /** Where the image lies. */
  repositoryArn: pulumi.Input<string>;
  command: string[];
  environment: Record<string, pulumi.Input<string>>;
  /** All that the container may do. */
  allow: Grant[];
  /** What it works off: without messages there no container runs. */
  queue: aws.sqs.Queue;
  /** The most containers at a time. */
  most: number;
  /**
   * Environment variables that the container gets from SSM when it starts, by name. The values are kept out of the task definition, which
   * everybody who may describe it can read.
   */
  secrets: Record<string, aws.ssm.Parameter>;
  /** `own`: a network with nothing but this service in it; `default`: the account's. Both have public addresses and no NAT gateway, which costs by the hour. */
  network: "default" | "own";
  logRetentionDays: number;
}

/** A quarter of a processor, Fargate's smallest: a worker mostly waits. */
const cpuUnits = 256;
const memoryMegabytes = 512;

/** Seconds between SIGTERM and SIGKILL, Fargate's longest: time to hand back what is being worked on. */
const stopTimeoutSeconds = 120;

/** A container on Fargate that works off a queue, as many as there is work for and none where there is none. */
class ContainerService extends pulumi.ComponentResource {
  readonly cluster: pulumi.Output<string>;
  readonly service: string;
  /** Reading and changing how many containers there are. */
  readonly scale: Grant[];

  constructor(name: string, args: ContainerServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:ecs:ContainerService", name, {}, opts);
    const child = { parent: this };

    const cluster = new aws.ecs.Cluster(name, {}, child);
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: `/ecs/${pulumi.getProject()}-${pulumi.getStack()}-${name}`, retentionInDays: args.logRetentionDays },
      child,
    );
    const service = "ecs-tasks.amazonaws.com";
    const task = createRole(name, { service, inAccountOf: cluster }, args.allow, child);
    // ECS itself starts the container with this role: it fetches the image and the secrets, and writes the log. ECS documents no account for it.
    const start = [...pullImage(args.repositoryArn), writeLogs(logGroup), ...Object.values(args.secrets).map(readParameter)];
    const execution = createRole(`${name}-execution`, { service }, start, child);

    // Said, because the scaling addresses it by name. ECS takes letters, digits, hyphens and underscores; a stack's name may have dots.
    const serviceName = `${pulumi.getProject()}-${pulumi.getStack()}-${name}`.replace(/[^\w-]/g, "-");
    const fargate = new awsx.ecs.FargateService(
      name,
      {
        name: serviceName,
        cluster: cluster.arn,
        // Only at first; afterwards the scaling changes it.
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
            cpu: cpuUnits,
            memory: memoryMegabytes,
            essential: true,
            stopTimeout: stopTimeoutSeconds,
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
 * Makes Pulumi leave the number of containers alone. Otherwise `pulumi up --refresh` would set it back to 0 and end workers that are busy.
 * awsx has no argument for this, and makes the service in another process, which only a transform reaches.
 */
const keepDesiredCount: pulumi.ResourceTransform = ({ type, props, opts }) =>
  type === "aws:ecs/service:Service" ? { props, opts: pulumi.mergeOptions(opts, { ignoreChanges: ["desiredCount"] }) } : undefined;

/**
 * A container accepts no connections from outside, and reaches AWS and the gateway by HTTPS. Subnets and security group are always explicit,
 * because awsx's default security group opens every port to the world.
 */
const createNetwork = (name: string, network: "default" | "own", opts: pulumi.ComponentResourceOptions) => {
  const vpc = network === "default" ? new awsx.ec2.DefaultVpc(name, {}, opts) : createOwnVpc(name, opts);
  const group = new aws.ec2.SecurityGroup(
    name,
    { vpcId: vpc.vpcId, egress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }] },
    opts,
  );
  return { networkConfiguration: { subnets: vpc.publicSubnetIds, securityGroups: [group.id], assignPublicIp: true } };
};

const createOwnVpc = (name: string, opts: pulumi.ComponentResourceOptions) =>
  new awsx.ec2.Vpc(
    name,
    { numberOfAvailabilityZones: 2, natGateways: { strategy: "None" }, subnetStrategy: "Auto", subnetSpecs: [{ type: "Public" }] },
    opts,
  );

export type { ContainerServiceArgs };
export { ContainerService };
