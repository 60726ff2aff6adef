import { request } from "node:http";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Declared, Place } from "../../../src/kernel/service";
import { httpApi } from "../../../src/services/http-api";
import { createFakeLambda, functionArn, permission } from "./fake-lambda";

const invokeArn = (name: string) => `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(name)}/invocations`;

const outputsOf = (declared: Declared, place: Place) => httpApi.resources[declared.type]!.outputs(declared, place);

/** A REST API with a stage named "dev". */
const restApi = (name: string, inputs: Declared["inputs"], place: Place) => {
  const api: Declared = { type: "aws:apigateway/restApi:RestApi", name, inputs };
  const { id, rootResourceId } = outputsOf(api, place);
  const stage: Declared = {
    type: "aws:apigateway/stage:Stage",
    name,
    inputs: { restApi: id, deployment: "d1", stageName: "dev", variables: { colour: "blue" } },
  };
  return { id, rootResourceId, resources: [api, stage] };
};

const declared = (place: Place): Declared[] => {
  const { id, rootResourceId, resources } = restApi("shop", { binaryMediaTypes: ["image/*"] }, place);
  const resource = (parentId: unknown, pathPart: string): Declared => ({
    type: "aws:apigateway/resource:Resource",
    name: pathPart,
    inputs: { restApi: id, parentId, pathPart },
  });
  const pets = resource(rootResourceId, "pets");
  const petsId = outputsOf(pets, place).id;
  const pet = resource(petsId, "{id}");
  const method = (resourceId: unknown, httpMethod: string, integration: Declared["inputs"], name: string): Declared[] => [
    { type: "aws:apigateway/method:Method", name, inputs: { restApi: id, resourceId, httpMethod, authorization: "NONE" } },
    { type: "aws:apigateway/integration:Integration", name, inputs: { restApi: id, resourceId, httpMethod, ...integration } },
  ];
  const proxy = (name: string, more: Declared["inputs"] = {}) => ({
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: invokeArn(name),
    ...more,
  });
  const response = (statusCode: string, more: Declared["inputs"]): Declared => ({
    type: "aws:apigateway/integrationResponse:IntegrationResponse",
    name: `options-${statusCode}`,
    inputs: { restApi: id, resourceId: petsId, httpMethod: "OPTIONS", statusCode, ...more },
  });
  return [
    ...resources,
    pets,
    pet,
    ...method(outputsOf(pet, place).id, "ANY", proxy("pet"), "pet"),
    ...method(rootResourceId, "GET", proxy("failing"), "failing"),
    ...method(rootResourceId, "PUT", proxy("odd"), "odd"),
    ...method(rootResourceId, "PATCH", proxy("slow", { timeoutMilliseconds: 50 }), "slow"),
    ...method(rootResourceId, "DELETE", proxy("forbidden"), "forbidden"),
    ...method(petsId, "OPTIONS", { type: "MOCK", requestTemplates: { "application/json": '{"statusCode": 204}' } }, "options"),
    response("204", { responseParameters: { "method.response.header.Allow": "'GET,OPTIONS'" } }),
    response("418", { selectionPattern: "4\\d\\d" }),
  ];
};

const openApi = {
  swagger: "2.0",
  paths: {
    "/{proxy+}": {
      "x-amazon-apigateway-any-method": {
        "x-amazon-apigateway-integration": { type: "aws_proxy", httpMethod: "POST", uri: invokeArn("pet") },
      },
    },
    "/health": {
      get: {
        "x-amazon-apigateway-integration": {
          type: "mock",
          requestTemplates: { "application/json": '{"statusCode": 200}' },
          responses: { default: { statusCode: "200", responseTemplates: { "text/plain": "fine" } } },
        },
      },
    },
  },
  "x-amazon-apigateway-gateway-responses": {
    MISSING_AUTHENTICATION_TOKEN: { statusCode: 404, responseTemplates: { "application/json": '{"message": "404 Not found" }' } },
  },
};

describe("rest-api", () => {
  const lambda = createFakeLambda(
    {
      pet: ({ path, isBase64Encoded }) =>
        path.endsWith("/picture")
          ? { statusCode: 200, headers: { "Content-Type": "image/png" }, body: "AQID", isBase64Encoded: true }
          : {
              statusCode: 201,
              headers: { "X-One": "1" },
              multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] },
              body: String(isBase64Encoded),
            },
      failing: () => {
        throw new Error("no");
      },
      odd: () => "no object",
      slow: () => new Promise(() => {}),
      forbidden: () => ({}),
    },
    { forbidden: [], pet: [permission("pet", "arn:aws:execute-api:us-east-1:000000000000:*/dev/*")] },
  );
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let url: string;

  before(async () => {
    laptop = await startLaptop({
      definitions: [httpApi, lambda.definition],
      resources: place => [...declared(place), ...restApi("open", { body: JSON.stringify(openApi) }, place).resources],
    });
    url = urlOf("shop");
  });
  after(() => laptop.stop());
  beforeEach(() => {
    lambda.invocations.length = 0;
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  const urlOf = (name: string): string =>
    laptop.cloud.inventory.ofType("aws:apigateway/stage:Stage").find(stage => stage.name === name)!.outputs["invokeUrl"];

  it("invokes functions with the event of payload format 1.0", async () => {
    const headers = { "X-Case": "kept", Accept: "text/html", "X-Many": ["1", "2"] };
    await new Promise((resolve, reject) =>
      request(`${url}/pets/a%20b?x=1&x=2&y=%C3%A9`, { method: "POST", headers }, response => response.resume().on("end", resolve))
        .on("error", reject)
        .end('{"a":1}'),
    );

    const { event } = lambda.invocations[0]!;
    const apiId = laptop.cloud.inventory.ofType("aws:apigateway/restApi:RestApi")[0]!.id;
    const { resourceId, requestId, requestTime, requestTimeEpoch, identity, ...context } = event.requestContext;
    expect(event).to.deep.include({
      resource: "/pets/{id}",
      path: "/pets/a b",
      httpMethod: "POST",
      queryStringParameters: { x: "2", y: "é" },
      multiValueQueryStringParameters: { x: ["1", "2"], y: ["é"] },
      pathParameters: { id: "a b" },
      stageVariables: { colour: "blue" },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
    expect(event.headers).to.include({ "X-Case": "kept", "X-Many": "2", "X-Forwarded-Proto": "http" });
    expect(event.multiValueHeaders).to.deep.include({ "X-Many": ["1", "2"], Accept: ["text/html"] });
    const host = new URL(url).host;
    expect(context).to.deep.equal({
      resourcePath: "/pets/{id}",
      httpMethod: "POST",
      extendedRequestId: requestId,
      path: "/dev/pets/a b",
      accountId: "000000000000",
      protocol: "HTTP/1.1",
      stage: "dev",
      domainPrefix: apiId,
      domainName: host,
      deploymentId: "d1",
      apiId,
    });
    expect([resourceId, requestTime, requestTimeEpoch, identity.sourceIp].every(Boolean)).to.equal(true);
    expect(identity).to.include({ caller: null, userAgent: null });
  });

  it("has null for what a request lacks", async () => {
    await fetch(`${urlOf("open")}/picture`);
    expect(lambda.invocations[0]!.event).to.include({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  it("encodes bodies of binary media types only, and decodes them for clients that accept one", async () => {
    const send = async (type: string) =>
      (await fetch(`${url}/pets/1`, { method: "POST", headers: { "content-type": type }, body: "x" })).text();
    expect([await send("image/png"), await send("application/json")]).to.deep.equal(["true", "false"]);

    const picture = async (accept: string) => (await fetch(`${url}/pets/picture`, { headers: { accept } })).text();
    expect([await picture("image/png"), await picture("text/html")]).to.deep.equal(["\u0001\u0002\u0003", "AQID"]);
  });

  it("answers with the function's status, headers and repeated headers", async () => {
    const response = await fetch(`${url}/pets/1`);
    expect(response.status).to.equal(201);
    expect(response.headers.getSetCookie()).to.deep.equal(["a=1", "b=2"]);
    expect([response.headers.get("x-one"), response.headers.get("content-type")]).to.deep.equal(["1", "application/json"]);
    expect(response.headers.get("x-amzn-requestid")).to.match(/^[0-9a-f-]{36}$/);
  });

  it("answers mock integrations by itself", async () => {
    const options = await fetch(`${url}/pets`, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).to.deep.equal([204, "GET,OPTIONS"]);
    const health = await fetch(`${urlOf("open")}/health`);
    expect([health.status, health.headers.get("content-type"), await health.text()]).to.deep.equal([200, "text/plain", "fine"]);
  });

  const refusals: [title: string, method: string, path: string, status: number, message: string][] = [
    ["an unknown path", "GET", "/dev/none", 403, "Missing Authentication Token"],
    ["an unknown stage", "GET", "/prod/pets/1", 403, "Forbidden"],
    ["a function that fails", "GET", "/dev", 502, "Internal server error"],
    ["a result without the format", "PUT", "/dev", 502, "Internal server error"],
    ["a function that is late", "PATCH", "/dev", 504, "Endpoint request timed out"],
    ["a function without permission", "DELETE", "/dev", 500, "Internal server error"],
  ];
  for (const [title, method, path, status, message] of refusals)
    it(`answers ${title} as AWS does`, async () => {
      const response = await fetch(url.replace(/\/dev$/, path), { method });
      expect([response.status, await response.json()]).to.deep.equal([status, { message }]);
    });

  it("takes changed gateway responses from OpenAPI", async () => {
    const response = await fetch(urlOf("open"), { method: "GET" });
    expect([response.status, await response.json()]).to.deep.equal([404, { message: "404 Not found" }]);
  });

  describe("refuses by name", () => {
    const check = (type: string, inputs: Declared["inputs"]) =>
      httpApi.resources[`aws:apigateway/${type}`]!.check!({ type, name: "x", inputs });
    const integration = (more: Declared["inputs"]) => check("integration:Integration", { type: "AWS_PROXY", ...more });
    const body = (operation: object) => check("restApi:RestApi", { body: JSON.stringify({ paths: { "/": { get: operation } } }) });

    it("other integrations, authorizers, variables in templates and YAML", () => {
      expect(integration({ type: "HTTP_PROXY" })).to.contain('"HTTP_PROXY"');
      expect(integration({ uri: "http://127.0.0.1" })).to.contain("invokeArn");
      expect(check("method:Method", { httpMethod: "GET", authorization: "AWS_IAM" })).to.contain('"AWS_IAM"');
      expect(
        check("integrationResponse:IntegrationResponse", { statusCode: "200", responseTemplates: { a: "$input.json('$')" } }),
      ).to.contain("$input");
      expect(body({ security: [{ api_key: [] }] })).to.contain("security");
      expect(body({})).to.contain("no x-amazon-apigateway-integration");
      expect(check("restApi:RestApi", { body: "openapi: 3.0.1" })).to.contain("JSON");
    });
  });
});
