/** The program as a graph: what runs, what carries and what keeps, and which way things go between them. */

import type { Grant, Resource } from "../src/protocol";

type NodeKind = "api" | "function" | "container" | "topic" | "queue" | "table" | "bucket" | "machine" | "schedule" | "mail";

interface GraphNode {
  /** Unique: Pulumi names are so only among resources of one type. */
  id: string;
  kind: NodeKind;
  /** The Pulumi name; for mail the address. */
  name: string;
  /** Pulumi name of the component that it belongs to. */
  parent?: string;
  /** Pulumi name of the queue where its failures end, if nothing reads that queue. */
  deadLetters?: string;
}

interface GraphEdge {
  id: string;
  from: string;
  to: string;
  /** `event`: it makes the other end run, or hands something on. `data`: it reads or writes there. */
  kind: "event" | "data";
}

interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

const serviceType = "awsx:ecs:FargateService";

const kinds: Record<string, NodeKind> = {
  "aws:apigatewayv2/api:Api": "api",
  "aws:lambda/function:Function": "function",
  [serviceType]: "container",
  "aws:sns/topic:Topic": "topic",
  "aws:sqs/queue:Queue": "queue",
  "aws:dynamodb/table:Table": "table",
  "aws:s3/bucket:Bucket": "bucket",
  "aws:sfn/stateMachine:StateMachine": "machine",
  "aws:scheduler/schedule:Schedule": "schedule",
};

/** The kind of node that stands for resources of a type, if one does. */
const kindOfType = (type: string): NodeKind | undefined => kinds[type];

const nodeId = (kind: NodeKind, name: string) => `${kind}:${name}`;

/** Builds the graph from what the program declares and from what its roles are granted. */
const buildGraph = (resources: Resource[], grants: Grant[]): Graph => {
  const index = new Index(resources);
  const edges = [...buildTriggers(index), ...buildSubscriptions(index), ...buildAccess(index, grants), ...buildCalls(index)];
  const nodes = buildNodes(index, edges);
  const shown = new Set(nodes.map(({ id }) => id));
  return { nodes, edges: edges.filter(({ from, to }) => shown.has(from) && shown.has(to)) };
};

/** Finds nodes by the ways in which resources name one another. */
class Index {
  readonly nodes = new Map<string, GraphNode>();
  readonly #byArn = new Map<string, string>();
  readonly #byType = new Map<string, Resource[]>();

  constructor(resources: Resource[]) {
    for (const resource of resources) {
      this.#byType.set(resource.type, [...this.ofType(resource.type), resource]);
      const kind = kinds[resource.type];
      if (kind === undefined) continue;
      const id = nodeId(kind, resource.name);
      const { name, parent } = resource;
      this.nodes.set(id, { id, kind, name, ...(parent === undefined ? {} : { parent }) });
      const { arn } = resource.outputs;
      if (typeof arn === "string") this.#byArn.set(arn, id);
    }
  }

  /** Container services. */
  get services(): Resource[] {
    return this.ofType(serviceType);
  }

  ofType(type: string): Resource[] {
    return this.#byType.get(type) ?? [];
  }

  /** The node whose ARN this is or begins: an index of a table, an object of a bucket, a version of a function. */
  byArn(arn: unknown): string | undefined {
    if (typeof arn !== "string") return undefined;
    for (let text = arn; text !== ""; text = text.slice(0, Math.max(text.lastIndexOf("/"), text.lastIndexOf(":"), 0))) {
      const id = this.#byArn.get(text);
      if (id !== undefined) return id;
    }
    return undefined;
  }

  /** The function inside an ARN by which API Gateway invokes it, or by its own name or ARN. */
  functionOf(text: unknown): string | undefined {
    const arn = /arn:aws:lambda:[^/]+/.exec(String(text))?.[0];
    return this.byArn(arn) ?? this.#byPhysicalName("aws:lambda/function:Function", text);
  }

  bucketOf(name: unknown): string | undefined {
    return this.#byPhysicalName("aws:s3/bucket:Bucket", name);
  }

  mail(address: string): string {
    const node: GraphNode = { id: nodeId("mail", address), kind: "mail", name: address };
    this.nodes.set(node.id, node);
    return node.id;
  }

  #byPhysicalName(type: string, name: unknown): string | undefined {
    const resource = this.ofType(type).find(({ id, outputs }) => id === name || outputs["name"] === name);
    return resource === undefined ? undefined : nodeId(kinds[type]!, resource.name);
  }
}

const join = (kind: GraphEdge["kind"], from: string | undefined, to: string | undefined): GraphEdge[] =>
  from === undefined || to === undefined || from === to ? [] : [{ id: `${from} > ${to}`, from, to, kind }];

/** What makes functions and state machines run: routes, event sources, notifications of buckets, schedules. */
const buildTriggers = (index: Index): GraphEdge[] => [
  ...index.ofType("aws:apigatewayv2/integration:Integration").flatMap(({ inputs }) => {
    const api = index.ofType("aws:apigatewayv2/api:Api").find(({ id }) => id === inputs["apiId"]);
    return api === undefined ? [] : join("event", nodeId("api", api.name), index.functionOf(inputs["integrationUri"]));
  }),
  ...index
    .ofType("aws:lambda/eventSourceMapping:EventSourceMapping")
    .flatMap(({ inputs }) => join("event", index.byArn(inputs["eventSourceArn"]), index.functionOf(inputs["functionName"]))),
  ...index.ofType("aws:s3/bucketNotification:BucketNotification").flatMap(({ inputs }) => {
    const bucket = index.bucketOf(inputs["bucket"]);
    const targets = [
      ...(inputs["lambdaFunctions"] ?? []).map((each: Record<string, unknown>) => each["lambdaFunctionArn"]),
      ...(inputs["queues"] ?? []).map((each: Record<string, unknown>) => each["queueArn"]),
      ...(inputs["topics"] ?? []).map((each: Record<string, unknown>) => each["topicArn"]),
    ];
    return targets.flatMap(arn => join("event", bucket, index.byArn(arn)));
  }),
  ...index
    .ofType("aws:scheduler/schedule:Schedule")
    .flatMap(({ name, inputs }) => join("event", nodeId("schedule", name), index.byArn(inputs["target"]?.arn))),
];

const buildSubscriptions = (index: Index): GraphEdge[] =>
  index
    .ofType("aws:sns/topicSubscription:TopicSubscription")
    .flatMap(({ inputs }) =>
      join(
        "event",
        index.byArn(inputs["topic"]),
        inputs["protocol"] === "email" ? index.mail(inputs["endpoint"]) : index.byArn(inputs["endpoint"]),
      ),
    );

/** What functions and state machines do by their roles: invoke and publish, read and write. */
const buildAccess = (index: Index, grants: Grant[]): GraphEdge[] => {
  const actors = [...index.ofType("aws:lambda/function:Function"), ...index.ofType("aws:sfn/stateMachine:StateMachine"), ...index.services];
  const found = new Map<string, GraphEdge>();
  for (const actor of actors) {
    const id = nodeId(kinds[actor.type]!, actor.name);
    const roles = index.ofType("aws:iam/role:Role").filter(({ outputs }) => outputs["arn"] === roleArnOf(actor));
    const own = grants.filter(({ role }) => roles.some(({ name }) => name === role));
    const polled = actor.type === serviceType ? polledQueues(index, own) : new Set<string>();
    for (const queue of polled) for (const edge of join("event", queue, id)) found.set(edge.id, edge);
    for (const { action, resource } of own) {
      const target = index.byArn(resource);
      const kind = target === undefined ? undefined : index.nodes.get(target)?.kind;
      // What a queue hands to a function is the event source's edge already; what goes back to where it was taken from is no news.
      if (kind === "queue" && (!action.startsWith("sqs:Send") || polled.has(target!))) continue;
      for (const edge of join(kind === "table" || kind === "bucket" ? "data" : "event", id, target)) found.set(edge.id, edge);
    }
  }
  return [...found.values()];
};

/** The role that it acts by. */
const roleArnOf = ({ type, inputs }: Resource): unknown =>
  type === serviceType ? inputs["taskDefinitionArgs"]?.taskRole?.roleArn : (inputs["role"] ?? inputs["roleArn"]);

/** A container takes messages by itself. */
const polledQueues = (index: Index, grants: Grant[]): Set<string> =>
  new Set(grants.flatMap(({ action, resource }) => (/^sqs:(?:ReceiveMessage|\*)$/.test(action) ? (index.byArn(resource) ?? []) : [])));

/** Containers are told by their environment where an API is. */
const buildCalls = (index: Index): GraphEdge[] =>
  index.services.flatMap(service => {
    const values = environmentOf(service).map(({ value }) => value);
    const called = index.ofType("aws:apigatewayv2/api:Api").filter(({ outputs: { apiEndpoint: url } }) => {
      return typeof url === "string" && url !== "" && values.some(value => value === url || value.startsWith(`${url}/`));
    });
    return called.flatMap(({ name }) => join("event", nodeId("container", service.name), nodeId("api", name)));
  });

interface Variable {
  name: string;
  value: string;
}

/** What stands in the task definition of a container: variables, and names of those that ECS reads elsewhere. */
interface ContainerInputs {
  environment?: { name: string; value: unknown }[];
  secrets?: { name: string }[];
}

/** The environment of a function or of a service's containers, in the order in which it is declared. */
const environmentOf = ({ type, inputs }: Resource): Variable[] => {
  if (type !== serviceType)
    return Object.entries(inputs["environment"]?.variables ?? {}).map(([name, value]) => ({ name, value: String(value) }));
  const { container, containers = {} } = inputs["taskDefinitionArgs"] ?? {};
  return [container, ...Object.values<ContainerInputs>(containers)].flatMap(({ environment = [], secrets = [] }: ContainerInputs = {}) => [
    ...environment.map(({ name, value }) => ({ name, value: String(value) })),
    ...secrets.map(({ name }) => ({ name, value: "[secret]" })),
  ]);
};

/** Queues that only take failures are shown at what fails, not as nodes of their own. */
const buildNodes = (index: Index, edges: GraphEdge[]): GraphNode[] => {
  const read = new Set(edges.map(({ from }) => from));
  const owners = findDeadLetters(index).filter(({ queue }) => !read.has(queue));
  const hidden = new Set(owners.map(({ queue }) => queue));
  for (const { owner, queue } of owners) {
    const node = index.nodes.get(owner);
    if (node !== undefined) node.deadLetters = index.nodes.get(queue)?.name;
  }
  return [...index.nodes.values()].filter(({ id }) => !hidden.has(id));
};

/** Which queue takes the failures of what, by dead-letter configuration and redrive policies. */
const findDeadLetters = (index: Index): { owner: string; queue: string }[] => {
  const pairs = [
    ...index.ofType("aws:lambda/function:Function").map(({ name, inputs }) => ({
      owner: nodeId("function", name),
      queue: index.byArn(inputs["deadLetterConfig"]?.targetArn),
    })),
    ...index.ofType("aws:sqs/queue:Queue").map(({ name, inputs }) => ({
      owner: nodeId("queue", name),
      queue: index.byArn(readRedrivePolicy(inputs["redrivePolicy"])),
    })),
    ...index
      .ofType("aws:sqs/redrivePolicy:RedrivePolicy")
      .map(({ inputs }) => ({
        owner: index.ofType("aws:sqs/queue:Queue").find(({ id }) => id === inputs["queueUrl"])?.name,
        queue: index.byArn(readRedrivePolicy(inputs["redrivePolicy"])),
      }))
      .map(({ owner, queue }) => ({ owner: owner === undefined ? undefined : nodeId("queue", owner), queue })),
    ...index.ofType("aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => ({
      owner: index.byArn(inputs["endpoint"]),
      queue: index.byArn(readRedrivePolicy(inputs["redrivePolicy"])),
    })),
  ];
  return pairs.filter((pair): pair is { owner: string; queue: string } => pair.owner !== undefined && pair.queue !== undefined);
};

const readRedrivePolicy = (policy: unknown): unknown =>
  typeof policy === "string" && policy !== "" ? (JSON.parse(policy) as { deadLetterTargetArn?: unknown }).deadLetterTargetArn : undefined;

export type { Graph, GraphEdge, GraphNode, NodeKind };
export { buildGraph, environmentOf, kindOfType, roleArnOf };
