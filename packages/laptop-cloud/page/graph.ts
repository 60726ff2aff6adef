/** The program as a graph: its resources, and the directions in which events and data move between them. */

import type { Grant, Resource } from "../src/protocol";
import { routesOf } from "./api-routes";

type NodeKind = "api" | "function" | "container" | "topic" | "queue" | "table" | "bucket" | "machine" | "schedule" | "mail";

interface GraphNode {
  /** Kind and name, because Pulumi names are unique among resources of one type only. */
  id: string;
  kind: NodeKind;
  /** The Pulumi name, or an e-mail address. */
  name: string;
  /** Pulumi name of its component. */
  parent?: string;
  /** Pulumi name of the outermost component around it. */
  group?: string;
  /** Pulumi name of its dead-letter queue, if nothing consumes that queue. */
  deadLetters?: string;
}

interface GraphEdge {
  id: string;
  from: string;
  to: string;
  /** `event`: `from` invokes `to`, or passes something on to it. `data`: `from` reads or writes `to`. */
  kind: "event" | "data";
}

interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

const SERVICE_TYPE = "awsx:ecs:FargateService";

const STREAM_TYPE = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";

const KINDS: Record<string, NodeKind> = {
  "aws:apigatewayv2/api:Api": "api",
  "aws:apigateway/restApi:RestApi": "api",
  "aws:lambda/function:Function": "function",
  [SERVICE_TYPE]: "container",
  "aws:sns/topic:Topic": "topic",
  "aws:sqs/queue:Queue": "queue",
  "aws:dynamodb/table:Table": "table",
  "aws:s3/bucket:Bucket": "bucket",
  "aws:sfn/stateMachine:StateMachine": "machine",
  "aws:scheduler/schedule:Schedule": "schedule",
};

/** The kind of node for resources of a type; undefined for types without nodes. */
const kindOfType = (type: string): NodeKind | undefined => KINDS[type];

const nodeId = (kind: NodeKind, name: string) => `${kind}:${name}`;

/** Builds the graph from the declared resources and the grants of their roles. */
const buildGraph = (resources: Resource[], grants: Grant[]): Graph => {
  const index = new Index(resources);
  const edges = [...buildTriggers(index), ...buildSubscriptions(index), ...buildAccess(index, grants), ...buildCalls(index)];
  const nodes = buildNodes(index, edges);
  const shown = new Set(nodes.map(({ id }) => id));
  return { nodes, edges: edges.filter(({ from, to }) => shown.has(from) && shown.has(to)) };
};

/** Finds nodes by the names and ARNs with which resources refer to each other. */
class Index {
  readonly nodes = new Map<string, GraphNode>();
  readonly #byArn = new Map<string, string>();
  readonly #byType = new Map<string, Resource[]>();

  constructor(readonly resources: Resource[]) {
    for (const resource of resources) {
      this.#byType.set(resource.type, [...this.ofType(resource.type), resource]);
      const kind = KINDS[resource.type];
      if (kind === undefined) continue;
      const id = nodeId(kind, resource.name);
      const { name, parent, group } = resource;
      this.nodes.set(id, { id, kind, name, ...(parent === undefined ? {} : { parent }), ...(group === undefined ? {} : { group }) });
      const { arn } = resource.outputs;
      if (typeof arn === "string") this.#byArn.set(arn, id);
    }
    // A delivery stream stands for the function that gets its records first, or the bucket to which it writes.
    for (const stream of this.ofType(STREAM_TYPE)) {
      const first = this.byArn(transformerOf(stream)) ?? this.byArn(stream.inputs["extendedS3Configuration"].bucketArn);
      if (first !== undefined) this.#byArn.set(stream.outputs["arn"], first);
    }
  }

  /** Container services. */
  get services(): Resource[] {
    return this.ofType(SERVICE_TYPE);
  }

  ofType(type: string): Resource[] {
    return this.#byType.get(type) ?? [];
  }

  /** The node with this ARN, or the node that contains it: the table of an index, the bucket of an object, the function of a version. */
  byArn(arn: unknown): string | undefined {
    if (typeof arn !== "string") return undefined;
    for (let text = arn; text !== ""; text = text.slice(0, Math.max(text.lastIndexOf("/"), text.lastIndexOf(":"), 0))) {
      const id = this.#byArn.get(text);
      if (id !== undefined) return id;
    }
    return undefined;
  }

  /** The function with this name or ARN, or the function in the ARN of an API Gateway integration. */
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
    return resource === undefined ? undefined : nodeId(KINDS[type]!, resource.name);
  }
}

/** The ARN of the function that transforms the records of a delivery stream, if it has one. */
const transformerOf = ({ inputs }: Resource): unknown =>
  inputs["extendedS3Configuration"].processingConfiguration?.processors[0]?.parameters.find(
    ({ parameterName }: { parameterName: string }) => parameterName === "LambdaArn",
  )?.parameterValue;

const join = (kind: GraphEdge["kind"], from: string | undefined, to: string | undefined): GraphEdge[] =>
  from === undefined || to === undefined || from === to ? [] : [{ id: `${from} > ${to}`, from, to, kind }];

/** Edges that start functions and state machines: routes, event sources, bucket notifications, schedules. */
const buildTriggers = (index: Index): GraphEdge[] => [
  ...index.ofType("aws:apigatewayv2/integration:Integration").flatMap(({ inputs }) => {
    const api = index.ofType("aws:apigatewayv2/api:Api").find(({ id }) => id === inputs["apiId"]);
    return api === undefined ? [] : join("event", nodeId("api", api.name), index.functionOf(inputs["integrationUri"]));
  }),
  ...index
    .ofType("aws:apigateway/restApi:RestApi")
    .flatMap(api =>
      routesOf(index.resources, api).flatMap(({ target }) => join("event", nodeId("api", api.name), index.functionOf(target))),
    ),
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
  ...index
    .ofType(STREAM_TYPE)
    .flatMap(stream => join("data", index.byArn(transformerOf(stream)), index.byArn(stream.inputs["extendedS3Configuration"].bucketArn))),
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

/** Edges for what the roles of functions, state machines and containers grant: invoke, publish, read, write. */
const buildAccess = (index: Index, grants: Grant[]): GraphEdge[] => {
  const actors = [...index.ofType("aws:lambda/function:Function"), ...index.ofType("aws:sfn/stateMachine:StateMachine"), ...index.services];
  const found = new Map<string, GraphEdge>();
  for (const actor of actors) {
    const id = nodeId(KINDS[actor.type]!, actor.name);
    const roles = index.ofType("aws:iam/role:Role").filter(({ outputs }) => outputs["arn"] === roleArnOf(actor));
    const own = grants.filter(({ role }) => roles.some(({ name }) => name === role));
    const polled = actor.type === SERVICE_TYPE ? polledQueues(index, own) : new Set<string>();
    for (const queue of polled) for (const edge of join("event", queue, id)) found.set(edge.id, edge);
    for (const { action, resource } of own) {
      const target = index.byArn(resource);
      const kind = target === undefined ? undefined : index.nodes.get(target)?.kind;
      // Reading a queue already has an edge from the queue. Sending back to a polled queue adds no direction worth showing.
      if (kind === "queue" && (!action.startsWith("sqs:Send") || polled.has(target!))) continue;
      for (const edge of join(kind === "table" || kind === "bucket" ? "data" : "event", id, target)) found.set(edge.id, edge);
    }
  }
  return [...found.values()];
};

/** The role of a function, a state machine or a container. */
const roleArnOf = ({ type, inputs }: Resource): unknown =>
  type === SERVICE_TYPE ? inputs["taskDefinitionArgs"]?.taskRole?.roleArn : (inputs["role"] ?? inputs["roleArn"]);

/** The queues that a container polls itself. */
const polledQueues = (index: Index, grants: Grant[]): Set<string> =>
  new Set(grants.flatMap(({ action, resource }) => (/^sqs:(?:ReceiveMessage|\*)$/.test(action) ? (index.byArn(resource) ?? []) : [])));

/** Edges from containers to the APIs whose URLs are in their environment. */
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

/** Variables of a container's task definition, and the names of those whose values ECS reads from elsewhere. */
interface ContainerInputs {
  environment?: { name: string; value: unknown }[];
  secrets?: { name: string }[];
}

/** The environment of a function or of a service's containers, in order of declaration. */
const environmentOf = ({ type, inputs }: Resource): Variable[] => {
  if (type !== SERVICE_TYPE)
    return Object.entries(inputs["environment"]?.variables ?? {}).map(([name, value]) => ({ name, value: String(value) }));
  const { container, containers = {} } = inputs["taskDefinitionArgs"] ?? {};
  return [container, ...Object.values<ContainerInputs>(containers)].flatMap(({ environment = [], secrets = [] }: ContainerInputs = {}) => [
    ...environment.map(({ name, value }) => ({ name, value: String(value) })),
    ...secrets.map(({ name }) => ({ name, value: "[secret]" })),
  ]);
};

/** Dead-letter queues without consumers are shown at their sources, not as nodes of their own. */
const buildNodes = (index: Index, edges: GraphEdge[]): GraphNode[] => {
  const consumed = new Set(edges.map(({ from }) => from));
  const owners = findDeadLetterQueues(index).filter(({ queue }) => !consumed.has(queue));
  const hidden = new Set(owners.map(({ queue }) => queue));
  for (const { owner, queue } of owners) {
    const node = index.nodes.get(owner);
    if (node !== undefined) node.deadLetters = index.nodes.get(queue)?.name;
  }
  return [...index.nodes.values()].filter(({ id }) => !hidden.has(id));
};

/** Pairs of a node and its dead-letter queue, from dead-letter configurations and redrive policies. */
const findDeadLetterQueues = (index: Index): { owner: string; queue: string }[] => {
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
