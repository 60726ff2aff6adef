import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { httpApi } from "../../../src/services/http-api";
import { createFakeLambda, permission } from "./fake-lambda";

const component = (inputs: Declared["inputs"]): Declared => ({ type: "aws-apigateway:index:RestAPI", name: "hello", inputs });

describe("rest-api-component", () => {
  const greet = ({ isBase64Encoded, body, pathParameters }: Record<string, unknown>) => ({
    statusCode: 200,
    body: JSON.stringify({ pathParameters, text: isBase64Encoded ? Buffer.from(String(body), "base64").toString() : body }),
  });
  const lambda = createFakeLambda(
    { greet },
    {
      greet: [
        permission("greet", "arn:aws:execute-api:us-east-1:000000000000:*/*/GET/{name+}"),
        permission("greet", "arn:aws:execute-api:us-east-1:000000000000:*/*/*/open"),
      ],
    },
  );

  const start = (inputs: Declared["inputs"]) => startLaptop({ definitions: [lambda.definition, httpApi], resources: [component(inputs)] });

  const refusalOf = (inputs: Declared["inputs"]) =>
    start(inputs).then(
      async laptop => {
        await laptop.stop();
        return "accepted";
      },
      (error: Error) => error.message,
    );

  it("consists of an API, a deployment, a stage, and a permission for each route", async () => {
    const routes = [
      { path: "{name+}", method: "GET", eventHandler: "greet" },
      { path: "/open", method: "ANY", eventHandler: "greet" },
    ];
    const laptop = await start({ routes });
    try {
      const { inventory } = laptop.cloud;
      expect(inventory.resources.map(({ type, name }) => `${type.split(":")[2]} ${name.replace(/-[0-9a-f]{8}$/, "-HASH")}`)).to.deep.equal([
        "RestAPI hello",
        "RestApi hello",
        "Deployment hello",
        "Permission hello-HASH",
        "Permission hello-HASH",
        "Stage hello",
      ]);
      const { url, api, stage } = inventory.resources[0]!.outputs;
      expect([url, stage.stageName]).to.deep.equal([`${laptop.cloud.place.pageUrl}/api-gateway/stage/`, "stage"]);
      expect(inventory.ofType("aws:lambda/permission:Permission").map(({ inputs }) => inputs["sourceArn"])).to.deep.equal([
        `${api.executionArn}/*/GET/{name+}`,
        `${api.executionArn}/*/*/open`,
      ]);

      expect(await (await fetch(`${url}ada/l`)).json()).to.deep.include({ pathParameters: { name: "ada/l" } });
      expect(await (await fetch(`${url}open`, { method: "PUT", body: "text" })).json()).to.deep.include({ text: "text" });
      const nothing = await fetch(`${url}ada`, { method: "DELETE" });
      expect([nothing.status, await nothing.text()]).to.deep.equal([404, '{"message":"404 Not found"}']);
    } finally {
      await laptop.stop();
    }
  });

  it("takes an OpenAPI document, or an integration of a route's own", async () => {
    const integration = {
      type: "mock",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
      responses: { default: { statusCode: "200", responseTemplates: { "text/plain": "fine" } } },
    };
    const operation = { "x-amazon-apigateway-integration": integration };
    for (const inputs of [
      { swaggerString: JSON.stringify({ swagger: "2.0", paths: { "/health": { get: operation } } }), stageName: "dev" },
      { routes: [{ path: "/health", method: "GET", data: operation }], stageName: "dev" },
    ]) {
      const laptop = await start(inputs);
      expect(await (await fetch(`${laptop.cloud.place.pageUrl}/api-gateway/dev/health`)).text()).to.equal("fine");
      await laptop.stop();
    }
  });

  it("refuses by name what it does not imitate", async () => {
    const route = { path: "/", method: "GET", eventHandler: "greet" };
    expect(await refusalOf({ routes: [route, { path: "/files", localPath: "www" }] })).to.equal(
      '"hello" (aws-apigateway:index:RestAPI): routes[1] sets localPath, which the laptop cloud does not imitate.',
    );
    expect(await refusalOf({ routes: [{ ...route, authorizers: [{}] }] })).to.match(/routes\[0\] sets authorizers, which/);
    expect(await refusalOf({ routes: [{ ...route, method: "get" }] })).to.match(
      /routes\[0\]\.method is "get", but must be one of ANY, GET,/,
    );
    expect(await refusalOf({ routes: [{ path: "/", method: "GET" }] })).to.match(/routes\[0\] has neither eventHandler nor data\./);
    expect(await refusalOf({ routes: [route], requestValidator: "ALL" })).to.match(/sets requestValidator, which/);
    expect(await refusalOf({})).to.match(/it needs either routes or swaggerString\./);
  });
});
