import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { createRole, type Grant, pullImage, writeLogs } from "./grants";
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
    const task = createRole(name, { service, neighbour: cluster }, args.allow, child);
    // What starts the container: fetches its image and writes its log. For this role ECS documents no account.
    const execution = createRole(`${name}-execution`, { service }, [...pullImage(args.repositoryArn), writeLogs(logGroup)], child);

    // Said, because the scaling addresses it by name. ECS takes letters, digits, hyphens and underscores; a stack's name may have dots.
    const serviceName = `${pulumi.getProject()}-${pulumi.getStack()}-${name}`.replace(/[^\w-]/g, "-");
    const fargate = new awsx.ecs.FargateService(
      name,
      {
        name: serviceName,
        cluster: cluster.arn,
        // The scaling changes it.
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
            cpu: cpuUnits,
            memory: memoryMegabytes,
            essential: true,
            stopTimeout: stopTimeoutSeconds,
          },
        },
      },
      { ...child, dependsOn: [task.policy, execution.policy] },
    );

    new QueueScaling(
      name,
      { queue: args.queue, most: args.most, resourceId: pulumi.interpolate`service/${cluster.name}/${serviceName}` },
      { ...child, dependsOn: [fargate] },
    );
    this.registerOutputs({});
  }
}

/** Nothing reaches a container from outside; it reaches AWS and the gateway by HTTPS. */
const createNetwork = (name: string, network: "default" | "own", opts: pulumi.ComponentResourceOptions) => {
  if (network === "default") return { assignPublicIp: true };
  const vpc = new awsx.ec2.Vpc(
    name,
    { numberOfAvailabilityZones: 2, natGateways: { strategy: "None" }, subnetStrategy: "Auto", subnetSpecs: [{ type: "Public" }] },
    opts,
  );
  const group = new aws.ec2.SecurityGroup(
    name,
    { vpcId: vpc.vpcId, egress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }] },
    opts,
  );
  return { networkConfiguration: { subnets: vpc.publicSubnetIds, securityGroups: [group.id], assignPublicIp: true } };
};

export type { ContainerServiceArgs };
export { ContainerService };
