import { physicalName } from "../../kernel/declared";
import type { Declared, Place } from "../../kernel/service";

const serviceType = "awsx:ecs:FargateService";

/** A container service, as the program declares it. */
interface ServiceConfiguration {
  name: string;
  /** Its Pulumi name. */
  label: string;
  arn: string;
  cluster: string;
  taskDefinitionArn: string;
  desiredCount: number;
  roleArn: string;
  /** The role that reads the container's secrets. Absent if there are none. */
  executionRoleArn?: string;
  container: ContainerConfiguration;
}

interface ContainerConfiguration {
  name: string;
  image: string;
  /** The arguments for Node: the file and its arguments. */
  parameters: string[];
  variables: Record<string, string>;
  /** Secret variables: the ARN or name of an SSM parameter, by variable name. */
  secrets: Record<string, string>;
  /** The time between SIGTERM and SIGKILL. */
  stopTimeoutSeconds: number;
  /** Absent with `logGroup.skip`. */
  logs?: { group: string; streamPrefix: string };
}

/** The arguments of awsx that have an effect here. */
interface ContainerInputs {
  name: string;
  image: string;
  command?: string[];
  environment?: { name: string; value: string }[];
  secrets?: { name: string; valueFrom: string }[];
  stopTimeout?: number;
  logConfiguration?: { logDriver: string; options?: Record<string, string> };
}

interface TaskDefinitionInputs {
  container?: ContainerInputs;
  containers?: Record<string, ContainerInputs>;
  taskRole?: { roleArn?: string };
  executionRole?: { roleArn?: string };
  logGroup?: { skip?: boolean; existing?: { name?: string; arn?: string }; args?: { name?: string } };
}

/** Fargate's default (ECS, "Container definition"). */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;
const MAX_STOP_TIMEOUT_SECONDS = 120;

const notImitated = "which the laptop cloud does not imitate";

/** Properties of a container that have an effect here. */
const acting = new Set(["command", "environment", "image", "logConfiguration", "name", "secrets", "stopTimeout"]);

/** Properties without effect here. */
const inert: Record<string, string> = {
  cpu: "processes share this machine",
  disableNetworking: "processes have this machine's network",
  dockerLabels: "there is no Docker",
  essential: "it is the only container",
  healthCheck: "a running process counts as healthy",
  interactive: "there is no terminal",
  linuxParameters: "there is no container around the process",
  memory: "processes share this machine",
  memoryReservation: "processes share this machine",
  portMappings: "a process may listen on any port",
  privileged: "the process has the rights of the user who started the cloud",
  pseudoTerminal: "there is no terminal",
  readonlyRootFilesystem: "the process uses this machine's files",
  startTimeout: "no container depends on another",
  ulimits: "this machine's limits apply",
  user: "the process runs as the user who started the cloud",
};

/** The accepted properties of a task definition. `refuseContainer` checks the container itself. */
const taskProperties = new Set([
  ...["container", "containers", "taskRole", "executionRole", "logGroup"],
  // Ignored: machine sizes and placement, display names, and settings that awsx adds for AWS.
  ...["cpu", "memory", "ephemeralStorage", "family", "ipcMode", "pidMode", "placementConstraints", "region"],
  ...["runtimePlatform", "skipDestroy", "tags", "trackLatest"],
]);

/** A cluster's or a service's name, from its ARN or the name itself. */
const nameOfArn = (nameOrArn: string) => nameOrArn.split("/").at(-1)!;

const arnOf = ({ region, account }: Pick<Place, "region" | "account">, resource: string) => `arn:aws:ecs:${region}:${account}:${resource}`;

/** Describes the first unsupported property, if there is one. */
const refuseContainerService = ({ inputs }: Declared): string | undefined => {
  const definition = inputs["taskDefinitionArgs"] as TaskDefinitionInputs | undefined;
  if (definition === undefined)
    return "taskDefinitionArgs is missing: the laptop cloud runs only task definitions that are part of the service";
  for (const property of Object.keys(definition)) {
    if (!taskProperties.has(property)) return `taskDefinitionArgs sets ${property}, ${notImitated}`;
  }
  if (definition.taskRole?.roleArn === undefined) return "taskDefinitionArgs.taskRole.roleArn is missing. It must be a role of the program";
  const containers = containersOf(definition);
  if (containers.length !== 1) return `taskDefinitionArgs has ${containers.length} containers: the laptop cloud runs one per task`;
  return refuseContainer(containers[0]!) ?? refuseSecrets(containers[0]!, definition) ?? refuseCount(inputs["desiredCount"]);
};

const refuseSecrets = ({ secrets = [] }: ContainerInputs, { executionRole }: TaskDefinitionInputs): string | undefined => {
  const other = secrets.find(({ valueFrom }) => valueFrom.startsWith("arn:") && valueFrom.split(":")[2] !== "ssm");
  if (other !== undefined)
    return `the secret ${other.name} comes from ${JSON.stringify(other.valueFrom)}: the laptop cloud reads secrets from SSM parameters only`;
  return secrets.length > 0 && executionRole?.roleArn === undefined
    ? "taskDefinitionArgs.executionRole.roleArn is missing. It must be the program's role that reads the container's secrets"
    : undefined;
};

const refuseContainer = (container: ContainerInputs): string | undefined => {
  for (const property of Object.keys(container)) {
    if (!acting.has(property) && !Object.hasOwn(inert, property)) return `the container sets ${property}, ${notImitated}`;
  }
  const { command, stopTimeout, logConfiguration } = container;
  if (command?.[0] !== "node" || command.length < 2)
    return `command is ${JSON.stringify(command)}: the laptop cloud runs ["node", FILE, ...] in the folder that the image is built from`;
  if (stopTimeout !== undefined && !(Number.isInteger(stopTimeout) && stopTimeout >= 0 && stopTimeout <= MAX_STOP_TIMEOUT_SECONDS))
    return `stopTimeout is ${JSON.stringify(stopTimeout)}, but must be whole seconds from 0 to ${MAX_STOP_TIMEOUT_SECONDS}`;
  if (logConfiguration !== undefined && logConfiguration.logDriver !== "awslogs")
    return `logConfiguration.logDriver is ${JSON.stringify(logConfiguration.logDriver)}: the laptop cloud supports only "awslogs"`;
  return undefined;
};

const refuseCount = (count: unknown) =>
  count === undefined || (Number.isInteger(count) && (count as number) >= 0)
    ? undefined
    : `desiredCount is ${JSON.stringify(count)}, but must be a whole number from 0 up`;

const containersOf = ({ container, containers = {} }: TaskDefinitionInputs): ContainerInputs[] => [
  ...(container === undefined ? [] : [container]),
  ...Object.entries(containers).map(([name, each]) => ({ ...each, name: each.name ?? name })),
];

/** Reads a declared service that was not refused. */
const readContainerService = (declared: Declared, place: Place): ServiceConfiguration => {
  const { inputs, name: label } = declared;
  const name = physicalName(declared);
  const cluster = nameOfArn(inputs["cluster"] ?? "default");
  const definition: TaskDefinitionInputs = inputs["taskDefinitionArgs"];
  const container = containersOf(definition)[0]!;
  return {
    name,
    label,
    arn: arnOf(place, `service/${cluster}/${name}`),
    cluster,
    taskDefinitionArn: arnOf(place, `task-definition/${name}:1`),
    desiredCount: inputs["desiredCount"] ?? 1,
    roleArn: definition.taskRole!.roleArn!,
    executionRoleArn: definition.executionRole?.roleArn,
    container: {
      name: container.name,
      image: container.image,
      parameters: container.command!.slice(1),
      variables: Object.fromEntries((container.environment ?? []).map(({ name, value }) => [name, value])),
      secrets: Object.fromEntries((container.secrets ?? []).map(({ name, valueFrom }) => [name, valueFrom])),
      stopTimeoutSeconds: container.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS,
      logs: readLogs(name, container, definition),
    },
  };
};

const readLogs = (service: string, { name, logConfiguration }: ContainerInputs, { logGroup }: TaskDefinitionInputs) => {
  const options = logConfiguration?.options ?? {};
  if (logGroup?.skip === true && logConfiguration === undefined) return undefined;
  const existing = logGroup?.existing?.name ?? logGroup?.existing?.arn?.split(":log-group:")[1]?.replace(/:\*$/, "");
  return {
    // Without a group, awsx creates one with a generated name; here the name is easy to find.
    group: options["awslogs-group"] ?? existing ?? logGroup?.args?.name ?? `/ecs/${service}`,
    streamPrefix: options["awslogs-stream-prefix"] ?? name,
  };
};

export type { ContainerConfiguration, ServiceConfiguration };
export { arnOf, nameOfArn, readContainerService, refuseContainerService, serviceType };
