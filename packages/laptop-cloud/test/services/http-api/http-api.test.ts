import { request } from "node:http";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { AwsError } from "../../../src/kernel/aws-error";
import type { Declared, Place, ServiceDefinition } from "../../../src/kernel/service";
import { httpApi } from "../../../src/services/http-api";
import { createFakeLambda, functionArn, permission } from "./fake-lambda";

const elsewhere: Place = { region: "us-east-1", account: "000000000000", awsUrl: "", pageUrl: "" };
const idOf = (type: string, name: string) => httpApi.resources[type]!.outputs({ type, name, inputs: {} }, elsewhere).id;

/** An API: routes are functions by name, or by name and further inputs of the integration. */
const apiOf = (
  name: string,
  routes: Record<string, string>,
  stage: Declared["inputs"] = {},
  integration: Declared["inputs"] = {},
): Declared[] => {
  const apiId = idOf("aws:apigatewayv2/api:Api", name);
  return [
    { type: "aws:apigatewayv2/api:Api", name, inputs: { protocolType: "HTTP" } },
    { type: "aws:apigatewayv2/stage:Stage", name, inputs: { apiId, name: "$default", autoDeploy: true, ...stage } },
    ...Object.entries(routes).flatMap(([routeKey, target]): Declared[] => {
      const edge = `${name}-${target}`;
      const integrationUri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(target)}/invocations`;
      return [
        {
          type: "aws:apigatewayv2/integration:Integration",
          name: edge,
          inputs: { apiId, integrationType: "AWS_PROXY", integrationUri, payloadFormatVersion: "2.0", ...integration },
        },
        {
          type: "aws:apigatewayv2/route:Route",
          name: edge,
          inputs: { apiId, routeKey, target: `integrations/${idOf("aws:apigatewayv2/integration:Integration", edge)}` },
        },
      ];
    }),
  ];
};

/** A plugin's service, as far as it sends requests. */
const chat: ServiceDefinition = {
  name: "chat",
  resources: {},
  userAgent: "Chatbot",
  create: () => ({ operations: {}, start: async () => {}, stop: async () => {} }),
};

describe("http-api", () => {
  const webArn = `arn:aws:execute-api:us-east-1:000000000000:${idOf("aws:apigatewayv2/api:Api", "web")}`;
  const lambda = createFakeLambda(
    {
      webhook: () => ({ statusCode: 201, headers: { "Content-Type": "application/json" }, body: '{"ok":true}' }),
      api: () => ({ ok: true }),
      cookies: () => ({ statusCode: 200, cookies: ["a=1", "b=2"], body: "x" }),
      failing: () => {
        throw new Error("no");
      },
      slow: () => new Promise(() => {}),
      odd: () => ({ statusCode: "odd" }),
      busy: () => {
        throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
      },
      forbidden: () => "never",
      limited: () => "passed",
      quick: () => "quick",
    },
    {
      forbidden: [],
      webhook: [permission("webhook", `${webArn}/*/POST/webhook`)],
      api: [permission("api", `${webArn}/$default/*/api/{proxy+}`)],
    },
  );
  const { invocations } = lambda;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let url: string;
  const output = sinon.stub();

  before(async () => {
    laptop = await startLaptop({
      definitions: [httpApi, lambda.definition, chat],
      resources: [
        ...apiOf("web", {
          "POST /webhook": "webhook",
          "ANY /api/{proxy+}": "api",
          "GET /cookies": "cookies",
          "GET /failing": "failing",
          "GET /odd": "odd",
          "GET /busy": "busy",
          "GET /forbidden": "forbidden",
        }),
        ...apiOf("slow", { "GET /slow": "slow" }, {}, { timeoutMilliseconds: 50 }),
        ...apiOf(
          "limited",
          { "GET /limited": "limited" },
          { defaultRouteSettings: { throttlingRateLimit: 0.001, throttlingBurstLimit: 2 } },
        ),
        {
          type: "aws:apigatewayv2/api:Api",
          name: "quick",
          inputs: { protocolType: "HTTP", target: functionArn("quick"), routeKey: "GET /pets" },
        },
        ...apiOf("staged", { "GET /pets": "cookies" }, { name: "prod", stageVariables: { colour: "blue" } }),
      ],
    });
    url = urlOf("web");
  });
  after(() => laptop.stop());
  beforeEach(() => {
    invocations.length = 0;
    output.resetHistory();
    sinon.stub(console, "error").callsFake(output);
  });
  afterEach(() => sinon.restore());

  const urlOf = (name: string): string =>
    laptop.cloud.inventory.ofType("aws:apigatewayv2/api:Api").find(api => api.name === name)!.outputs["apiEndpoint"];

  describe("its position", () => {
    it("serves the first API under /api-gateway, further ones under their names", () => {
      const { pageUrl } = laptop.cloud.place;
      expect([urlOf("web"), urlOf("slow")]).to.deep.equal([`${pageUrl}/api-gateway`, `${pageUrl}/api-gateway-slow`]);
    });
    it("serves a named stage below its name, which stays in the path", async () => {
      const { invokeUrl } = laptop.cloud.inventory.ofType("aws:apigatewayv2/stage:Stage").find(({ name }) => name === "staged")!.outputs;
      expect(invokeUrl).to.equal(`${urlOf("staged")}/prod`);
      expect((await fetch(`${invokeUrl}/pets`)).status).to.equal(200);
      const { event } = invocations[0]!;
      expect(event).to.deep.include({ rawPath: "/prod/pets", stageVariables: { colour: "blue" } });
      expect(event.requestContext.stage).to.equal("prod");
      expect((await fetch(`${urlOf("staged")}/pets`)).status).to.equal(404);
    });
  });

  it("creates a route and the default stage for an API with a target", async () => {
    expect(await (await fetch(`${urlOf("quick")}/pets`)).text()).to.equal("quick");
    expect((await fetch(`${urlOf("quick")}/others`)).status).to.equal(404);
  });

  describe("the event", () => {
    it("is payload format 2.0", async () => {
      await fetch(`${url}/api/resources/a%20b?x=1&y=2&x=3&z=%26+`, {
        method: "PUT",
        headers: { "Content-Type": "application/json", Cookie: "a=1; b=2", "User-Agent": "test", "X-Twice": "1, 2" },
        body: '{"text":"ü"}',
      });
      const { event } = invocations[0]!;
      const { requestContext, headers, ...rest } = event;
      expect(rest).to.deep.equal({
        version: "2.0",
        routeKey: "ANY /api/{proxy+}",
        rawPath: "/api/resources/a b",
        rawQueryString: "x=1&y=2&x=3&z=%26+",
        cookies: ["a=1", "b=2"],
        queryStringParameters: { x: "1,3", y: "2", z: "& " },
        pathParameters: { proxy: "resources/a b" },
        body: '{"text":"ü"}',
        isBase64Encoded: false,
      });
      expect(headers).to.include({ "content-type": "application/json", "x-twice": "1, 2", "x-forwarded-proto": "http" });
      expect(headers).not.to.have.property("cookie");
      expect(headers["x-amzn-trace-id"]).to.match(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
      expect(requestContext.http).to.deep.equal({
        method: "PUT",
        path: "/api/resources/a b",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "test",
      });
      expect(requestContext).to.include({ accountId: "000000000000", stage: "$default", routeKey: "ANY /api/{proxy+}" });
      expect(requestContext.time).to.match(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/);
      expect(requestContext.timeEpoch).to.be.closeTo(Date.now(), 10_000);
    });

    const bytes = Buffer.from("ü=\u0000🎉");
    const bodies: [string, Record<string, string>, boolean][] = [
      ["JSON", { "Content-Type": "application/json; charset=utf-8" }, false],
      ["text", { "Content-Type": "text/csv" }, false],
      ["XML", { "Content-Type": "application/xml" }, false],
      ["JSON:API", { "Content-Type": "application/vnd.api+json" }, false],
      ["a form", { "Content-Type": "application/x-www-form-urlencoded" }, true],
      ["problem+json", { "Content-Type": "application/problem+json" }, true],
      ["an image", { "Content-Type": "image/png" }, true],
      ["no type", {}, true],
      ["compressed JSON", { "Content-Type": "application/json", "Content-Encoding": "gzip" }, true],
    ];
    for (const [title, headers, isBase64Encoded] of bodies) {
      it(`carries ${title} ${isBase64Encoded ? "in base64" : "as text"}`, async () => {
        await fetch(`${url}/api/x`, { method: "POST", headers, body: new Uint8Array(bytes) });
        const { event } = invocations[0]!;
        expect(event.isBase64Encoded).to.equal(isBase64Encoded);
        expect(Buffer.from(event.body, isBase64Encoded ? "base64" : "utf8")).to.deep.equal(bytes);
      });
    }

    it("has no body if the request had none", async () => {
      await fetch(`${url}/api/x`, { headers: { "Content-Type": "image/png" } });
      expect(invocations[0]!.event)
        .to.include({ isBase64Encoded: false })
        .and.not.to.have.any.keys("body", "cookies", "queryStringParameters");
    });

    it("continues the trace of the request", async () => {
      const root = "1-6921a3f0-0123456789abcdef01234567";
      await fetch(`${url}/api/x`, { headers: { "X-Amzn-Trace-Id": `Root=${root};Parent=0123456789abcdef` } });
      expect(invocations[0]!.caller.trace).to.equal(root);
      expect(laptop.cloud.occurrences.all().filter(({ trace }) => trace === root)).to.have.length(1);
    });

    it("invokes as API Gateway, for the requested route", async () => {
      await fetch(`${url}/webhook`, { method: "POST" });
      expect(invocations[0]!.caller).to.include({ principal: "apigateway.amazonaws.com", sourceArn: `${webArn}/$default/POST/webhook` });
    });
  });

  describe("the answer", () => {
    it("is the function's", async () => {
      const answer = await fetch(`${url}/webhook`, { method: "POST" });
      expect(answer.status).to.equal(201);
      expect(answer.headers.get("content-type")).to.equal("application/json");
      expect(answer.headers.get("apigw-requestid")).to.match(/^.{15}=$/);
      expect(await answer.json()).to.deep.equal({ ok: true });
    });
    it("sets each cookie in a separate header", async () => {
      expect((await fetch(`${url}/cookies`)).headers.getSetCookie()).to.deep.equal(["a=1", "b=2"]);
    });
    it("has no body for HEAD", async () => {
      const answer = await fetch(`${url}/api/x`, { method: "HEAD" });
      expect([answer.status, answer.headers.get("content-length"), await answer.text()]).to.deep.equal([200, "11", ""]);
    });

    const refusals: [string, string, RequestInit, number, string][] = [
      ["an unknown route", "/nowhere", {}, 404, "Not Found"],
      ["an unknown method", "/webhook", {}, 404, "Not Found"],
      ["the root", "", {}, 404, "Not Found"],
      ["a failing function", "/failing", {}, 500, "Internal Server Error"],
      ["a malformed response", "/odd", {}, 500, "Internal Server Error"],
      ["a function that may not be called", "/forbidden", {}, 500, "Internal Server Error"],
      ["a function that is throttled", "/busy", {}, 503, "Service Unavailable"],
      ["more than 10 MB", "/webhook", { method: "POST", body: new Uint8Array(30 * 1024 * 1024) }, 413, "Request Entity Too Large"],
    ];
    for (const [title, path, init, status, message] of refusals) {
      it(`is ${status} for ${title}`, async () => {
        const answer = await fetch(`${url}${path}`, init);
        expect(answer.status).to.equal(status);
        expect(await answer.json()).to.deep.equal({ message });
      });
    }
    it("is 503 for a function that takes longer than its integration allows", async () => {
      const answer = await fetch(`${urlOf("slow")}/slow`);
      expect([answer.status, await answer.json()]).to.deep.equal([503, { message: "Service Unavailable" }]);
    });
    it("is 429 beyond the stage's burst", async () => {
      const answers = [];
      for (let call = 0; call < 3; call++) answers.push(await fetch(`${urlOf("limited")}/limited`));
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
      expect(await answers[2]!.json()).to.deep.equal({ message: "Too Many Requests" });
    });
    it("logs the missing statement", async () => {
      await fetch(`${url}/forbidden`);
      const said = String(output.firstCall.args[0]);
      expect(said).to.contain("GET /api-gateway/forbidden is answered 500").and.to.contain('"Action":"lambda:InvokeFunction"');
    });
    it("does not leave the mount by dot segments or a second slash", async () => {
      const { port } = new URL(url);
      const statusOf = (path: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          request({ host: "127.0.0.1", port, path }, response => {
            response.resume();
            resolve(response.statusCode);
          })
            .once("error", reject)
            .end();
        });
      expect(await statusOf("/api-gateway//127.0.0.1/webhook")).to.equal(404);
      expect(await statusOf("/api-gateway/../control/clock")).to.equal(404);
    });
  });

  it("records each request for the page, without its query", async () => {
    await fetch(`${url}/webhook?token=secret`, {
      method: "POST",
      headers: { "User-Agent": "Chatbot 1.0" },
    });
    const occurrence = laptop.cloud.occurrences.all().at(-1)!;
    expect(occurrence).to.include({ kind: "http", from: "chat", to: "webhook" });
    expect(occurrence.detail).to.include({ method: "POST", path: "/api-gateway/webhook", route: "POST /webhook", status: 201 });
    expect(JSON.stringify(occurrence)).not.to.contain("secret");
  });

  describe("what is not imitated is refused by name", () => {
    const api = { type: "aws:apigatewayv2/api:Api", name: "web", inputs: { protocolType: "HTTP" } };
    const integration = (inputs: Declared["inputs"]): Declared => ({
      type: "aws:apigatewayv2/integration:Integration",
      name: "edge",
      inputs: { apiId: "x", integrationType: "AWS_PROXY", integrationUri: functionArn("f"), payloadFormatVersion: "2.0", ...inputs },
    });
    const route = (inputs: Declared["inputs"]): Declared => ({
      type: "aws:apigatewayv2/route:Route",
      name: "edge",
      inputs: { apiId: "x", routeKey: "GET /", target: "integrations/x", ...inputs },
    });
    const rows: [string, Declared, string][] = [
      ["WebSocket APIs", { ...api, inputs: { protocolType: "WEBSOCKET" } }, 'protocolType is "WEBSOCKET"'],
      ["a route key without a target", { ...api, inputs: { protocolType: "HTTP", routeKey: "GET /" } }, "routeKey needs a target."],
      ["payload format 1.0", integration({ payloadFormatVersion: undefined }), 'payloadFormatVersion is "1.0"'],
      ["HTTP proxies", integration({ integrationUri: "https://example.com" }), 'integrationUri is "https://example.com"'],
      ["longer than 30 s", integration({ timeoutMilliseconds: 30_001 }), "timeoutMilliseconds is 30001"],
      ["authorizers", route({ authorizationType: "JWT" }), 'authorizationType is "JWT"'],
      ["odd route keys", route({ routeKey: "FETCH /" }), 'routeKey is "FETCH /"'],
    ];
    for (const [title, declared, sentence] of rows) {
      it(title, () => {
        const { check, properties } = httpApi.resources[declared.type]!;
        const unknown = Object.keys(declared.inputs).find(property => !(property in properties));
        expect(unknown === undefined ? check?.(declared) : `sets ${unknown}`).to.contain(sentence);
      });
    }
  });
});
