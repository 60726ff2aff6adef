import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { AwsError } from "../../../src/kernel/aws-error";
import type { Declared, ServiceDefinition } from "../../../src/kernel/service";
import { httpApi } from "../../../src/services/http-api";
import { refuseServiceIntegration } from "../../../src/services/http-api/service-integration";

const types = { api: "aws:apigatewayv2/api:Api", stage: "aws:apigatewayv2/stage:Stage", route: "aws:apigatewayv2/route:Route" };
const integrationType = "aws:apigatewayv2/integration:Integration";
const place = { region: "us-east-1", account: "000000000000", awsUrl: "", pageUrl: "" };
const idOf = (type: string, name: string) => httpApi.resources[type]!.outputs({ type, name, inputs: {} }, place).id;

const apiId = idOf(types.api, "web");
const credentialsArn = "arn:aws:iam::000000000000:role/gateway";

const route = (routeKey: string, integrationSubtype: string, requestParameters: Record<string, string>): Declared[] => {
  const inputs = { apiId, integrationType: "AWS_PROXY", integrationSubtype, credentialsArn, requestParameters };
  return [
    { type: integrationType, name: routeKey, inputs },
    { type: types.route, name: routeKey, inputs: { apiId, routeKey, target: `integrations/${idOf(integrationType, routeKey)}` } },
  ];
};

describe("service-integration", () => {
  const operation = sinon.stub();
  const fake = (name: string, operationName: string): ServiceDefinition => ({
    name,
    always: true,
    resources: {},
    create: () => ({ start: async () => {}, stop: async () => {}, operations: { [operationName]: operation } }),
  });
  let laptop: Awaited<ReturnType<typeof startLaptop>>;

  before(async () => {
    laptop = await startLaptop({
      definitions: [httpApi, fake("events", "PutEvents"), fake("sqs", "SendMessage"), fake("states", "StartExecution")],
      resources: [
        { type: types.api, name: "web", inputs: { protocolType: "HTTP" } },
        { type: types.stage, name: "web", inputs: { apiId, name: "dev", stageVariables: { colour: "blue" } } },
        ...route("POST /events/{id}", "EventBridge-PutEvents", { Detail: "$request.body", DetailType: "$request.path.id", Source: "web" }),
        ...route("POST /messages", "SQS-SendMessage", {
          QueueUrl: "http://queue",
          MessageBody: "$request.body.customer.name",
          DelaySeconds: "$request.querystring.delay",
        }),
        ...route("POST /runs", "StepFunctions-StartExecution", {
          StateMachineArn: "$request.header.X-Machine",
          Input: "$stageVariables.colour",
          Name: "$context.stage",
        }),
      ],
    });
  });
  after(() => laptop.stop());
  beforeEach(() => {
    operation.reset();
    operation.resolves({ done: true });
  });
  afterEach(() => sinon.restore());

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${laptop.cloud.place.pageUrl}/api-gateway/dev${path}`, { method: "POST", body, headers });

  it("calls the service as the role, and answers what it answers", async () => {
    const response = await post("/events/order", '{"a":1}', { "content-type": "application/json" });
    expect([response.status, await response.json()]).to.deep.equal([200, { done: true }]);
    const [input, { caller }] = operation.firstCall.args;
    expect(input).to.deep.equal({ Entries: [{ Detail: '{"a":1}', DetailType: "order", Source: "web" }] });
    expect(caller).to.deep.include({ kind: "role", roleArn: credentialsArn, principal: "apigateway.amazonaws.com" });
  });

  it("takes parameters from the body, the query, headers, stage variables and the context", async () => {
    await post("/messages?delay=5", '{"customer":{"name":"Ada"}}');
    await post("/messages", '{"customer":{"name":{"first":"Ada"}}}');
    await post("/messages", "no JSON");
    await post("/runs", "", { "x-machine": "arn" });
    expect(operation.args.map(([input]) => input as object)).to.deep.equal([
      { QueueUrl: "http://queue", MessageBody: "Ada", DelaySeconds: 5 },
      { QueueUrl: "http://queue", MessageBody: '{"first":"Ada"}' },
      { QueueUrl: "http://queue" },
      { stateMachineArn: "arn", input: "blue", name: "dev" },
    ]);
  });

  it("answers 500 if the service refuses, and logs why", async () => {
    const output = sinon.stub(console, "error");
    operation.rejects(new AwsError("AccessDeniedException", "The role gateway lacks sqs:SendMessage.", 403));
    expect((await post("/messages", "{}")).status).to.equal(500);
    expect(output.firstCall.args[0]).to.contain("The role gateway lacks sqs:SendMessage.");
  });

  describe("what is not imitated is refused by name", () => {
    const inputs = { integrationSubtype: "SQS-SendMessage", credentialsArn, requestParameters: { QueueUrl: "q", MessageBody: "b" } };
    for (const [change, refusal] of [
      [{}, undefined],
      [
        { integrationSubtype: "Kinesis-PutRecord" },
        /^integrationSubtype is "Kinesis-PutRecord": the laptop cloud imitates EventBridge-PutEvents, SQS/,
      ],
      [{ credentialsArn: undefined }, /^credentialsArn is missing\.$/],
      [{ requestParameters: { QueueUrl: "q" } }, /^requestParameters\.MessageBody is missing\.$/],
      [{ requestParameters: { ...inputs.requestParameters, MessageGroupId: "g" } }, /^requestParameters sets MessageGroupId, which/],
      [{ requestParameters: { ...inputs.requestParameters, MessageBody: "$request.body..name" } }, /an expression that/],
      [
        { requestParameters: { ...inputs.requestParameters, MessageBody: "$request.body[0]" } },
        /^requestParameters\.MessageBody is "\$request\.body\[0\]", an/,
      ],
      [
        { requestParameters: { ...inputs.requestParameters, MessageBody: `a $${"{request.body.b}"}` } },
        /an expression that the laptop cloud/,
      ],
    ] as const) {
      it(JSON.stringify(change), () => {
        const found = refuseServiceIntegration({ ...inputs, ...change });
        if (refusal === undefined) expect(found).to.equal(undefined);
        else expect(found).to.match(refusal);
      });
    }
  });
});
