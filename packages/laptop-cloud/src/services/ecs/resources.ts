import { createHash } from "node:crypto";
import { physicalName } from "../../kernel/declared";
import type { Declared, Inert, ResourceKind } from "../../kernel/service";
import { arnOf, readContainerService, refuseContainerService, serviceType } from "./container-definition";

const clusterType = "aws:ecs/cluster:Cluster";
const imageType = "awsx:ecr:Image";
const targetType = "aws:appautoscaling/target:Target";

/** Lists properties without effect, with a common reason. */
const inertFor = (reason: string, ...properties: string[]): Record<string, Inert> =>
  Object.fromEntries(properties.map(property => [property, { inert: reason }]));

const shownOnly = inertFor("shown only", "tags", "tagsAll");
const oneRegion = inertFor("there is one region", "region");

const cluster: ResourceKind = {
  properties: {
    ...oneRegion,
    ...shownOnly,
    ...inertFor("processes run on this machine", "configuration", "settings", "serviceConnectDefaults"),
    name: "acts",
  },
  outputs(declared, place) {
    const name = physicalName(declared);
    const arn = arnOf(place, `cluster/${name}`);
    return { id: arn, arn, name };
  },
};

const repository: ResourceKind = {
  properties: {
    ...oneRegion,
    ...shownOnly,
    ...inertFor("images are not kept", "encryptionConfigurations", "forceDelete", "imageScanningConfiguration", "imageTagMutability"),
    ...inertFor("images are not kept", "imageTagMutabilityExclusionFilters", "lifecyclePolicy"),
    name: "acts",
  },
  outputs(declared, { account, region }) {
    const name = physicalName(declared);
    return { id: name, url: `${account}.dkr.ecr.${region}.amazonaws.com/${name}` };
  },
};

/** An image is represented by the folder that it is built from; containers run there. */
const image: ResourceKind = {
  folder: "context",
  properties: {
    ...inertFor("nothing is built: the folder is run as it is", "args", "builderVersion", "cacheFrom", "dockerfile", "target"),
    ...inertFor("there is one registry", "registryId"),
    ...inertFor("it runs on this machine's own", "platform"),
    context: "acts",
    imageName: "acts",
    imageTag: "acts",
    repositoryUrl: "acts",
  },
  check: ({ inputs }) => (inputs["repositoryUrl"] === undefined ? "repositoryUrl is missing" : undefined),
  // Differs: awsx returns the digest of the built image, `URL@sha256:...`.
  outputs: ({ name, inputs }) => ({
    id: name,
    imageUri: `${inputs["repositoryUrl"]}:${inputs["imageTag"] ?? inputs["imageName"] ?? name}`,
  }),
};

const fargateService: ResourceKind = {
  properties: {
    ...oneRegion,
    ...shownOnly,
    ...inertFor(
      "a process that ends is started again, whatever is deployed",
      "alarms",
      "deploymentCircuitBreaker",
      "deploymentConfiguration",
    ),
    ...inertFor(
      "every start deploys",
      "continueBeforeSteadyState",
      "deploymentController",
      "forceNewDeployment",
      "sigintRollback",
      "triggers",
    ),
    ...inertFor("every start deploys", "deploymentMaximumPercent", "deploymentMinimumHealthyPercent", "forceDelete"),
    ...inertFor("processes run on this machine", "assignPublicIp", "availabilityZoneRebalancing", "capacityProviderStrategies"),
    ...inertFor("processes run on this machine", "networkConfiguration", "placementConstraints", "platformVersion", "schedulingStrategy"),
    ...inertFor("processes run on this machine", "enableExecuteCommand", "useClusterDefaultCapacityProviderStrategy"),
    ...inertFor("a process that lives is taken for healthy", "healthCheckGracePeriodSeconds"),
    ...inertFor("shown only", "enableEcsManagedTags", "propagateTags"),
    cluster: "acts",
    desiredCount: "acts",
    name: "acts",
    taskDefinitionArgs: "acts",
  },
  check: refuseContainerService,
  outputs(declared, place) {
    const { name, arn, cluster, desiredCount, taskDefinitionArn, container } = readContainerService(declared, place);
    return {
      id: name,
      service: { id: arn, arn, name, cluster: arnOf(place, `cluster/${cluster}`), desiredCount, taskDefinition: taskDefinitionArn },
      taskDefinition: { id: name, arn: taskDefinitionArn, family: name, revision: 1 },
      // awsx has it in the task definition; here it helps to find the logs.
      ...(container.logs === undefined ? {} : { logGroup: { name: container.logs.group } }),
    };
  },
};

/** Only the maximum has an effect: a service that may grow to one task has one. */
const scalableTarget: ResourceKind = {
  properties: {
    ...oneRegion,
    ...shownOnly,
    ...inertFor("the laptop keeps one running", "minCapacity", "roleArn", "suspendedState"),
    maxCapacity: "acts",
    resourceId: "acts",
    scalableDimension: "acts",
    serviceNamespace: "acts",
  },
  check({ inputs: { serviceNamespace, scalableDimension } }) {
    if (serviceNamespace === "ecs" && scalableDimension === "ecs:service:DesiredCount") return undefined;
    return `serviceNamespace is ${JSON.stringify(serviceNamespace)} and scalableDimension ${JSON.stringify(scalableDimension)}: the laptop cloud has "ecs" and "ecs:service:DesiredCount"`;
  },
  outputs: ({ inputs }, { region, account }) => ({
    id: inputs["resourceId"],
    arn: `arn:aws:application-autoscaling:${region}:${account}:scalable-target/${idOf(inputs["resourceId"], 32)}`,
  }),
};

const scalingPolicy: ResourceKind = {
  properties: {
    ...oneRegion,
    ...inertFor("the laptop keeps one running", "policyType", "resourceId", "scalableDimension", "serviceNamespace"),
    ...inertFor("the laptop keeps one running", "predictiveScalingPolicyConfiguration", "stepScalingPolicyConfiguration"),
    ...inertFor("the laptop keeps one running", "targetTrackingScalingPolicyConfiguration"),
    name: "acts",
  },
  outputs(declared, { region, account }) {
    const name = physicalName(declared);
    const { resourceId } = declared.inputs;
    const arn = `arn:aws:autoscaling:${region}:${account}:scalingPolicy:${idOf(name, 32)}:resource/ecs/${resourceId}:policyName/${name}`;
    return { id: name, name, arn, alarmArns: [] };
  },
};

const noNetwork = "processes have this machine's network";

/** awsx makes as many of each kind of subnet as there are zones (awsx, "VPC": three). */
const DEFAULT_ZONES = 3;

const vpc: ResourceKind = {
  properties: {
    ...oneRegion,
    ...shownOnly,
    ...inertFor(
      noNetwork,
      "assignGeneratedIpv6CidrBlock",
      "availabilityZoneCidrMask",
      "cidrBlock",
      "enableDnsHostnames",
      "enableDnsSupport",
    ),
    ...inertFor(noNetwork, "enableNetworkAddressUsageMetrics", "instanceTenancy", "ipv4IpamPoolId", "ipv4NetmaskLength", "ipv6CidrBlock"),
    ...inertFor(
      noNetwork,
      "ipv6CidrBlockNetworkBorderGroup",
      "ipv6IpamPoolId",
      "ipv6NetmaskLength",
      "natGateways",
      "subnetNameTagStrategy",
    ),
    ...inertFor(noNetwork, "subnetSpecs", "subnetStrategy", "vpcEndpointSpecs", "vpcEndpointStrategy"),
    availabilityZoneNames: "acts",
    numberOfAvailabilityZones: "acts",
  },
  outputs({ name, inputs }) {
    const zones: number = inputs["availabilityZoneNames"]?.length ?? inputs["numberOfAvailabilityZones"] ?? DEFAULT_ZONES;
    const subnets = (kind: string) => Array.from({ length: zones }, (_, index) => `subnet-${idOf(`${name}-${kind}-${index}`, 17)}`);
    const vpcId = `vpc-${idOf(name, 17)}`;
    return { id: vpcId, vpcId, publicSubnetIds: subnets("public"), privateSubnetIds: subnets("private"), isolatedSubnetIds: [] };
  },
};

/** Differs: an account has as many zones as its region; here there are as many as awsx would use. */
const defaultVpc: ResourceKind = {
  properties: {},
  outputs: ({ name }, place) => vpc.outputs({ type: "awsx:ec2:DefaultVpc", name, inputs: {} }, place),
};

const securityGroup: ResourceKind = {
  properties: {
    ...oneRegion,
    ...shownOnly,
    ...inertFor(noNetwork, "description", "egress", "ingress", "revokeRulesOnDelete", "vpcId"),
    name: "acts",
    namePrefix: "acts",
  },
  outputs(declared, { region, account }) {
    const id = `sg-${idOf(declared.name, 17)}`;
    return { id, name: physicalName(declared), arn: `arn:aws:ec2:${region}:${account}:security-group/${id}` };
  },
};

/** Hexadecimal digits that are derived from the name, so they never change. */
const idOf = (name: string, digits: number) => createHash("sha256").update(name).digest("hex").slice(0, digits);

/** The folder that an image's containers run in, an absolute path. */
const contextOf = ({ inputs }: Pick<Declared, "inputs">): string => inputs["context"].path;

/** The resource types of container services that are imitated. */
const resources: Record<string, ResourceKind> = {
  [clusterType]: cluster,
  [imageType]: image,
  [serviceType]: fargateService,
  [targetType]: scalableTarget,
  "aws:appautoscaling/policy:Policy": scalingPolicy,
  "aws:ec2/securityGroup:SecurityGroup": securityGroup,
  "awsx:ec2:DefaultVpc": defaultVpc,
  "awsx:ec2:Vpc": vpc,
  "awsx:ecr:Repository": repository,
};

export { clusterType, contextOf, imageType, resources, targetType };
