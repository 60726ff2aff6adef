import { createHash } from "node:crypto";
import { acts, inert, physicalName } from "../../kernel/declared";
import type { Declared, ResourceKind } from "../../kernel/service";
import { arnOf, readContainerService, refuseContainerService, serviceType } from "./container-definition";

const clusterType = "aws:ecs/cluster:Cluster";
const imageType = "awsx:ecr:Image";
const targetType = "aws:appautoscaling/target:Target";

const shownOnly = inert("shown only", "tags", "tagsAll");

const cluster: ResourceKind = {
  properties: {
    ...acts("name"),
    ...shownOnly,
    ...inert("processes run on this machine", "configuration", "settings", "serviceConnectDefaults"),
  },
  outputs(declared, place) {
    const name = physicalName(declared);
    const arn = arnOf(place, `cluster/${name}`);
    return { id: arn, arn, name };
  },
};

const repository: ResourceKind = {
  properties: {
    ...acts("name"),
    ...shownOnly,
    ...inert("images are not kept", "encryptionConfigurations", "forceDelete", "imageScanningConfiguration"),
    ...inert("images are not kept", "imageTagMutability", "imageTagMutabilityExclusionFilters", "lifecyclePolicy"),
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
    ...acts("context", "imageName", "imageTag", "repositoryUrl"),
    ...inert("nothing is built: the folder is run as it is", "args", "builderVersion", "cacheFrom", "dockerfile", "target"),
    ...inert("there is one registry", "registryId"),
    ...inert("it runs on this machine's own", "platform"),
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
    ...acts("cluster", "desiredCount", "name", "taskDefinitionArgs"),
    ...shownOnly,
    ...inert("a process that ends is started again, whatever is deployed", "alarms", "deploymentCircuitBreaker"),
    ...inert("a process that ends is started again, whatever is deployed", "deploymentConfiguration"),
    ...inert("every start deploys", "continueBeforeSteadyState", "deploymentController", "forceNewDeployment", "sigintRollback"),
    ...inert("every start deploys", "triggers", "deploymentMaximumPercent", "deploymentMinimumHealthyPercent", "forceDelete"),
    ...inert("processes run on this machine", "assignPublicIp", "availabilityZoneRebalancing", "capacityProviderStrategies"),
    ...inert("processes run on this machine", "networkConfiguration", "placementConstraints", "platformVersion"),
    ...inert("processes run on this machine", "schedulingStrategy", "enableExecuteCommand"),
    ...inert("processes run on this machine", "useClusterDefaultCapacityProviderStrategy"),
    ...inert("a process that lives is taken for healthy", "healthCheckGracePeriodSeconds"),
    ...inert("shown only", "enableEcsManagedTags", "propagateTags"),
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
    ...acts("maxCapacity", "resourceId", "scalableDimension", "serviceNamespace"),
    ...shownOnly,
    ...inert("the laptop keeps one running", "minCapacity", "roleArn", "suspendedState"),
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
    ...acts("name"),
    ...inert("the laptop keeps one running", "policyType", "resourceId", "scalableDimension", "serviceNamespace"),
    ...inert("the laptop keeps one running", "predictiveScalingPolicyConfiguration", "stepScalingPolicyConfiguration"),
    ...inert("the laptop keeps one running", "targetTrackingScalingPolicyConfiguration"),
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
    ...acts("availabilityZoneNames", "numberOfAvailabilityZones"),
    ...shownOnly,
    ...inert(noNetwork, "assignGeneratedIpv6CidrBlock", "availabilityZoneCidrMask", "cidrBlock", "enableDnsHostnames"),
    ...inert(noNetwork, "enableDnsSupport", "enableNetworkAddressUsageMetrics", "instanceTenancy", "ipv4IpamPoolId"),
    ...inert(noNetwork, "ipv4NetmaskLength", "ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup", "ipv6IpamPoolId"),
    ...inert(noNetwork, "ipv6NetmaskLength", "natGateways", "subnetNameTagStrategy", "subnetSpecs", "subnetStrategy"),
    ...inert(noNetwork, "vpcEndpointSpecs", "vpcEndpointStrategy"),
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
    ...acts("name", "namePrefix"),
    ...shownOnly,
    ...inert(noNetwork, "description", "egress", "ingress", "revokeRulesOnDelete", "vpcId"),
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
