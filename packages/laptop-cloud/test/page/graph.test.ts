import { expect } from "chai";
import { buildGraph } from "../../page/graph";
import { chooseOpen, groupGraph, listGroups } from "../../page/grouping";
import { findHighlights, findPath, findTouchedEdges } from "../../page/highlights";
import { buildLayout, NODE_SIZE } from "../../page/layout";
import { findNodes } from "../../page/search";
import { splitName } from "../../page/split-name";
import type { Grant, Resource, Trace } from "../../src/protocol";

const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:000000000000:${rest}`;
const resource = (type: string, name: string, inputs: object = {}, outputs: object = {}): Resource => ({
  type,
  name,
  id: name,
  inputs,
  outputs: { name, ...outputs },
  secrets: [],
});
const role = (name: string) => resource("aws:iam/role:Role", name, {}, { arn: arn("iam", `role/${name}`) });
const lambda = (name: string, inputs: object = {}) =>
  resource(
    "aws:lambda/function:Function",
    name,
    { role: arn("iam", `role/${name}`), ...inputs },
    { arn: arn("lambda", `function:${name}`) },
  );
const queue = (name: string, inputs: object = {}) => resource("aws:sqs/queue:Queue", name, inputs, { arn: arn("sqs", name) });
const table = (name: string) => resource("aws:dynamodb/table:Table", name, {}, { arn: arn("dynamodb", `table/${name}`) });
const topic = (name: string) => resource("aws:sns/topic:Topic", name, {}, { arn: arn("sns", name) });
const subscription = (of: string, protocol: string, endpoint: string, inputs: object = {}) =>
  resource("aws:sns/topicSubscription:TopicSubscription", `${of}-${endpoint}`, { topic: arn("sns", of), protocol, endpoint, ...inputs });
const grant = (roleName: string, action: string, target: string): Grant => ({
  role: roleName,
  policy: roleName,
  statement: "number 1",
  action,
  resource: target,
  used: 0,
  actionsUsed: [],
});
const edgesOf = (resources: Resource[], grants: Grant[] = []) => buildGraph(resources, grants).edges.map(({ id }) => id);

describe("graph of the program", () => {
  it("follows routes through their integrations", () => {
    const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn("lambda", "function:webhook")}/invocations`;
    expect(
      edgesOf([
        resource("aws:apigatewayv2/api:Api", "api", {}, { arn: "arn:aws:apigateway:us-east-1::/apis/api" }),
        lambda("webhook"),
        resource("aws:apigatewayv2/integration:Integration", "webhook", { apiId: "api", integrationUri: uri }),
      ]),
    ).to.deep.equal(["api:api > function:webhook"]);
  });

  it("follows the methods of a REST API, declared and in OpenAPI", () => {
    const uri = (name: string) =>
      `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn("lambda", `function:${name}`)}/invocations`;
    const get = { "x-amazon-apigateway-integration": { type: "aws_proxy", uri: uri("list") } };
    expect(
      edgesOf([
        resource("aws:apigateway/restApi:RestApi", "shop", { body: JSON.stringify({ paths: { "/pets": { get } } }) }),
        lambda("list"),
        lambda("add"),
        resource("aws:apigateway/integration:Integration", "add", { restApi: "shop", httpMethod: "POST", uri: uri("add") }),
      ]),
    ).to.deep.equal(["api:shop > function:list", "api:shop > function:add"]);
  });

  it("follows subscriptions of functions, queues and e-mail", () => {
    const resources = [
      topic("messages"),
      lambda("counter"),
      queue("jobs"),
      subscription("messages", "lambda", arn("lambda", "function:counter")),
      subscription("messages", "sqs", arn("sqs", "jobs")),
      subscription("messages", "email", "team@example.com"),
    ];
    expect(edgesOf(resources)).to.deep.equal([
      "topic:messages > function:counter",
      "topic:messages > queue:jobs",
      "topic:messages > mail:team@example.com",
    ]);
  });

  it("follows a delivery stream's subscription to the bucket to which it writes", () => {
    const stream = arn("firehose", "deliverystream/kept");
    const bucketArn = "arn:aws:s3:::kept";
    const type = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
    const resources = [
      topic("messages"),
      resource(type, "kept", { extendedS3Configuration: { bucketArn } }, { arn: stream }),
      resource("aws:s3/bucket:Bucket", "kept", {}, { arn: bucketArn }),
      subscription("messages", "firehose", stream),
    ];
    expect(edgesOf(resources)).to.deep.equal(["topic:messages > bucket:kept"]);

    const parameters = [{ parameterName: "LambdaArn", parameterValue: `${arn("lambda", "function:worker")}:$LATEST` }];
    const processingConfiguration = { enabled: true, processors: [{ type: "Lambda", parameters }] };
    resources[1] = resource(type, "kept", { extendedS3Configuration: { bucketArn, processingConfiguration } }, { arn: stream });
    expect(edgesOf([...resources, lambda("worker")])).to.have.members([
      "topic:messages > function:worker",
      "function:worker > bucket:kept",
    ]);
  });

  it("follows event sources, schedules and notifications of buckets", () => {
    const resources = [
      queue("jobs"),
      lambda("worker"),
      resource("aws:lambda/eventSourceMapping:EventSourceMapping", "jobs", {
        eventSourceArn: arn("sqs", "jobs"),
        functionName: "worker",
      }),
      resource("aws:scheduler/schedule:Schedule", "hourly", { target: { arn: arn("lambda", "function:worker") } }),
      resource("aws:s3/bucket:Bucket", "uploads", {}, { arn: "arn:aws:s3:::uploads" }),
      resource("aws:s3/bucketNotification:BucketNotification", "uploads", {
        bucket: "uploads",
        lambdaFunctions: [{ lambdaFunctionArn: arn("lambda", "function:worker") }],
      }),
    ];
    expect(edgesOf(resources)).to.have.members([
      "queue:jobs > function:worker",
      "schedule:hourly > function:worker",
      "bucket:uploads > function:worker",
    ]);
  });

  it("adds one edge per resource that a function's grants read, write, publish to or start", () => {
    const resources = [role("webhook"), lambda("webhook"), table("words"), topic("messages")];
    const grants = [
      grant("webhook", "dynamodb:UpdateItem", arn("dynamodb", "table/words")),
      grant("webhook", "dynamodb:Query", arn("dynamodb", "table/words/index/by-kind")),
      grant("webhook", "sns:Publish", arn("sns", "messages")),
      grant("webhook", "logs:PutLogEvents", arn("logs", "log-group:/aws/lambda/webhook:*")),
      grant("webhook", "xray:PutTraceSegments", "*"),
      grant("somebody", "sns:Publish", arn("sns", "messages")),
    ];
    expect(buildGraph(resources, grants).edges).to.deep.equal([
      { id: "function:webhook > table:words", from: "function:webhook", to: "table:words", kind: "data" },
      { id: "function:webhook > topic:messages", from: "function:webhook", to: "topic:messages", kind: "event" },
    ]);
  });

  it("shows a dead-letter queue at its source, unless the queue has a consumer", () => {
    const read = resource("aws:lambda/eventSourceMapping:EventSourceMapping", "dead", {
      eventSourceArn: arn("sqs", "dead"),
      functionName: "consumer",
    });
    const resources = [
      queue("dead"),
      lambda("counter", { deadLetterConfig: { targetArn: arn("sqs", "dead") } }),
      queue("jobs", { redrivePolicy: JSON.stringify({ deadLetterTargetArn: arn("sqs", "dead"), maxReceiveCount: 3 }) }),
    ];
    const { nodes } = buildGraph(resources, []);
    expect(nodes).to.deep.equal([
      { id: "function:counter", kind: "function", name: "counter", deadLetters: "dead" },
      { id: "queue:jobs", kind: "queue", name: "jobs", deadLetters: "dead" },
    ]);
    const withReader = buildGraph([...resources, lambda("consumer"), read], []);
    expect(withReader.nodes.map(({ id }) => id)).to.include("queue:dead");
    expect(withReader.edges.map(({ id }) => id)).to.include("queue:dead > function:consumer");
  });

  it("is laid out from left to right without overlapping nodes", () => {
    const graph = buildGraph(
      [
        topic("messages"),
        ...["one", "two", "three"].flatMap(name => [lambda(name), subscription("messages", "lambda", arn("lambda", `function:${name}`))]),
      ],
      [],
    );
    const { nodes, width, height, paths } = buildLayout(groupGraph(graph, []));
    const centres = [...nodes.values()];
    for (const { from, to } of graph.edges) expect(nodes.get(from)!.x).to.be.below(nodes.get(to)!.x);
    for (const [index, a] of centres.entries())
      for (const b of centres.slice(index + 1))
        expect(Math.abs(a.x - b.x) >= NODE_SIZE.width || Math.abs(a.y - b.y) >= NODE_SIZE.height).to.equal(true);
    for (const { x, y } of centres) expect(x <= width && y <= height).to.equal(true);
    expect(paths.get(graph.edges[0]!.id)).to.match(/^M[\d.]+,[\d.]+C/);
  });
});

describe("highlights of the diagram", () => {
  const graph = buildGraph(
    [
      topic("messages"),
      role("notifier"),
      // Names are unique within a type only.
      lambda("notifier", { deadLetterConfig: { targetArn: arn("sqs", "dead") } }),
      queue("notifier"),
      queue("dead"),
      table("seen"),
      subscription("messages", "sqs", arn("sqs", "notifier")),
      resource("aws:lambda/eventSourceMapping:EventSourceMapping", "notifier", {
        eventSourceArn: arn("sqs", "notifier"),
        functionName: "notifier",
      }),
    ],
    [grant("notifier", "dynamodb:PutItem", arn("dynamodb", "table/seen"))],
  );
  const at = (kind: string, from: string, to?: string, detail = {}) => findHighlights(graph, { atMs: 1, kind, from, to, detail });

  it("finds the edge of an event among resources with equal names", () => {
    expect(at("deliver", "messages", "notifier").edges).to.deep.equal(["topic:messages > queue:notifier"]);
    expect(at("invoke", "notifier", "notifier").edges).to.deep.equal(["queue:notifier > function:notifier"]);
    expect(at("deliver", "messages", "somebody").edges).to.deep.equal([]);
  });

  it("finds the edges of AWS calls", () => {
    expect(findTouchedEdges(graph, [["notifier", "aws:dynamodb/table:Table", "seen"]])).to.deep.equal(["function:notifier > table:seen"]);
    expect(findTouchedEdges(graph, [["notifier", "aws:sqs/queue:Queue", "notifier"]])).to.deep.equal([]);
    expect(findTouchedEdges(graph, [["notifier", "aws:cloudwatch/logGroup:LogGroup", "notifier"]])).to.deep.equal([]);
  });

  it("finds the node where something failed", () => {
    expect(at("invoked", "notifier", undefined, { error: "Error: no" }).failedNodes).to.deep.equal(["function:notifier"]);
    expect(at("invoked", "notifier").failedNodes).to.deep.equal([]);
    expect(at("dead-letter", "notifier", "dead").failedNodes).to.deep.equal(["function:notifier"]);
  });
});

describe("containers in the diagram", () => {
  const url = "http://127.0.0.1:3000/api-gateway";
  const service = (environment: object[]) =>
    resource("awsx:ecs:FargateService", "agent", {
      taskDefinitionArgs: { taskRole: { roleArn: arn("iam", "role/agent-task") }, container: { environment } },
    });
  const resources = [
    resource("aws:apigatewayv2/api:Api", "api", {}, { arn: "arn:aws:apigateway:us-east-1::/apis/api", apiEndpoint: url }),
    queue("tasks"),
    queue("answers"),
    table("tasks"),
    role("agent-task"),
    service([
      { name: "MCP_URL", value: `${url}/mcp` },
      { name: "SOME_NUMBER", value: 3 },
    ]),
    resource("aws:ecs/cluster:Cluster", "agent"),
    resource("awsx:ecr:Repository", "agent"),
  ];
  const grants = [
    ...["sqs:ReceiveMessage", "sqs:SendMessage"].map(action => grant("agent-task", action, arn("sqs", "tasks"))),
    grant("agent-task", "sqs:SendMessage", arn("sqs", "answers")),
    grant("agent-task", "dynamodb:GetItem", arn("dynamodb", "table/tasks")),
    grant("somebody", "dynamodb:GetItem", arn("dynamodb", "table/tasks")),
  ];
  const graph = buildGraph(resources, grants);

  it("have edges from the queues that they poll, to the resources of their grants, and to the API in their environment", () => {
    expect(graph.edges.map(({ id }) => id)).to.deep.equal([
      "queue:tasks > container:agent",
      "container:agent > queue:answers",
      "container:agent > table:tasks",
      "container:agent > api:api",
    ]);
    expect(graph.nodes.filter(({ name }) => name === "agent").map(({ kind }) => kind)).to.deep.equal(["container"]);
  });

  it("have no edge to an API whose URL only begins like theirs", () => {
    const other = buildGraph([resources[0]!, service([{ name: "MCP_URL", value: `${url}-of-others/mcp` }])], []);
    expect(other.edges).to.deep.equal([]);
  });

  it("are placed to the right of the API that they call, with an edge between the facing sides", () => {
    const { nodes, paths } = buildLayout(groupGraph(graph, []));
    const [api, agent] = [nodes.get("api:api")!, nodes.get("container:agent")!];
    expect(api.x).to.be.below(agent.x);
    const path = paths.get("container:agent > api:api")!;
    expect(path.startsWith(`M${agent.x - NODE_SIZE.width / 2},${agent.y}C`)).to.equal(true);
    expect(path.endsWith(` ${api.x + NODE_SIZE.width / 2},${api.y}`)).to.equal(true);
  });

  it("highlight the messages that they receive, and a task that ended by itself", () => {
    const at = (kind: string, from: string, to?: string, detail = {}) => findHighlights(graph, { atMs: 1, kind, from, to, detail });
    expect(at("receive", "tasks", "agent").edges).to.deep.equal(["queue:tasks > container:agent"]);
    expect(at("send", "agent", "answers").edges).to.deep.equal(["container:agent > queue:answers"]);
    expect(findTouchedEdges(graph, [["agent", "aws:dynamodb/table:Table", "tasks"]])).to.deep.equal(["container:agent > table:tasks"]);
    expect(at("request", "agent", "api").edges).to.deep.equal(["container:agent > api:api"]);
    expect(at("task-ended", "agent", undefined, { asked: false, code: 1 }).failedNodes).to.deep.equal(["container:agent"]);
    expect(at("task-ended", "agent", undefined, { asked: true, code: null }).failedNodes).to.deep.equal([]);
  });
});

describe("names in the diagram", () => {
  for (const [name, lines] of [
    ["webhook", ["webhook"]],
    ["payroll-generate-paystubs", ["payroll-", "generate-paystubs"]],
    ["documents-describe-failure", ["documents-", "describe-failure"]],
    ["oncall@example.com", ["oncall@", "example.com"]],
    ["averyveryverylongnamewithoutanybreak", ["averyveryverylo…"]],
  ] as const)
    it(`${name} takes ${lines.length} lines`, () => expect(splitName(name)).to.deep.equal(lines));
});

describe("groups of the diagram", () => {
  const inGroup = (group: string, ...resources: Resource[]) => resources.map(each => ({ ...each, group }));
  const graph = buildGraph(
    [
      ...inGroup("core", topic("messages"), lambda("counter"), role("counter"), lambda("logger")),
      ...inGroup("pair", queue("jobs"), table("results")),
      subscription("messages", "lambda", arn("lambda", "function:counter")),
      subscription("messages", "lambda", arn("lambda", "function:logger")),
      subscription("messages", "sqs", arn("sqs", "jobs")),
      table("words"),
    ],
    [grant("counter", "dynamodb:UpdateItem", arn("dynamodb", "table/words"))],
  );

  it("are the outermost components with three nodes or more", () => {
    expect(listGroups(graph).map(({ name, members }) => [name, members.length])).to.deep.equal([["core", 3]]);
  });

  it("are one node while they are closed, with one edge for all edges to another node", () => {
    const { nodes, closed, edges } = groupGraph(graph, []);
    expect(nodes.map(({ id }) => id)).to.deep.equal(["queue:jobs", "table:results", "table:words"]);
    expect(closed.map(({ id }) => id)).to.deep.equal(["group:core"]);
    expect(edges).to.deep.equal([
      { id: "group:core > queue:jobs", from: "group:core", to: "queue:jobs", kind: "event", of: ["topic:messages > queue:jobs"] },
      { id: "group:core > table:words", from: "group:core", to: "table:words", kind: "data", of: ["function:counter > table:words"] },
    ]);
  });

  it("have a frame around their nodes while they are open", () => {
    const grouped = groupGraph(graph, ["core"]);
    const { nodes, frames } = buildLayout(grouped);
    const { x, y, width, height } = frames.get("group:core")!;
    for (const { id } of grouped.open[0]!.members) {
      const at = nodes.get(id)!;
      expect(at.x - NODE_SIZE.width / 2).to.be.above(x);
      expect(at.x + NODE_SIZE.width / 2).to.be.below(x + width);
      expect(at.y - NODE_SIZE.height / 2).to.be.above(y);
      expect(at.y + NODE_SIZE.height / 2).to.be.below(y + height);
    }
  });

  it("are open at first in a small program, and those that the page names in a large one", () => {
    expect(chooseOpen(graph, [])).to.deep.equal(["core"]);
    const tables = Array.from({ length: 20 }, (_, index) => table(`table-${index}`));
    const large = buildGraph([...inGroup("core", topic("messages"), lambda("a"), lambda("b")), ...inGroup("data", ...tables)], []);
    expect(chooseOpen(large, ["core"])).to.deep.equal(["core"]);
  });
});

describe("a message's path in the diagram", () => {
  it("has the edges of its events and calls, and the nodes at their ends", () => {
    const graph = buildGraph(
      [
        topic("messages"),
        lambda("counter"),
        role("counter"),
        table("words"),
        subscription("messages", "lambda", arn("lambda", "function:counter")),
      ],
      [grant("counter", "dynamodb:UpdateItem", arn("dynamodb", "table/words"))],
    );
    const call = {
      kind: "call",
      function: "counter",
      action: "dynamodb:UpdateItem",
      resource: arn("dynamodb", "table/words/index/by-ranking"),
    };
    const steps = [{ atMs: 1, kind: "deliver", from: "messages", to: "counter" }, call] as Trace["steps"];
    const { nodes, edges } = findPath(graph, steps);
    expect([...edges]).to.have.members(["topic:messages > function:counter", "function:counter > table:words"]);
    expect([...nodes]).to.have.members(["topic:messages", "function:counter", "table:words"]);
  });
});

describe("search in the diagram", () => {
  it("finds names that contain the text, those that begin with it first", () => {
    const graph = buildGraph([lambda("payroll-start"), table("start-times"), queue("jobs")], []);
    expect(findNodes(graph, " START ").map(({ name }) => name)).to.deep.equal(["start-times", "payroll-start"]);
    expect(findNodes(graph, "start-times (table)")).to.have.length(1);
    expect(findNodes(graph, " ")).to.deep.equal([]);
  });
});
