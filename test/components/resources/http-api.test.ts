import { expect } from "chai";
import { HttpApi } from "../../../components/resources/http-api";
import { runMocked } from "../mocked";
import { door, find, makeFeatureArgs } from "../registered";

describe("HTTP API", () => {
  const makeApi = () =>
    runMocked(() => {
      const api = new HttpApi("api", { ...makeFeatureArgs(), requestsPerSecond: 10, burst: 20 });
      api.route("POST /webhook", door, { environment: { TOKEN: "token" } });
      api.route("ANY /api/{proxy+}", door, { name: "rest", timeoutSeconds: 30 });
    });

  it("throttles all routes", async () => {
    const { resources } = await makeApi();

    expect(find(resources, "aws:apigatewayv2/stage:Stage")).to.deep.include({
      name: "$default",
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: 10, throttlingBurstLimit: 20 },
    });
  });

  it("logs each request, including those that API Gateway refuses itself", async () => {
    const { resources } = await makeApi();

    expect(find(resources, "aws:cloudwatch/logGroup:LogGroup", "api")).to.deep.equal({
      name: "/aws/vendedlogs/slack-fanout-test-api",
      retentionInDays: 7,
    });
    const { destinationArn, format } = find(resources, "aws:apigatewayv2/stage:Stage")["accessLogSettings"];
    expect(destinationArn).to.equal("arn:aws:mock:us-east-1:000000000000:api");
    expect(JSON.parse(format)).to.include({ routeKey: "$context.routeKey", status: "$context.status" });
    // A path may contain a claim, and a query its lease.
    expect(format).not.to.match(/\$context\.(path|rawPath|.*query)/i);
  });

  it("lets each route invoke its own function only", async () => {
    const { resources } = await makeApi();

    expect(find(resources, "aws:lambda/permission:Permission", "webhook")).to.deep.equal({
      function: "webhook",
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      sourceArn: "arn:aws:mock:us-east-1:000000000000:api/*/POST/webhook",
    });
    expect(find(resources, "aws:lambda/permission:Permission", "rest")).to.include({
      sourceArn: "arn:aws:mock:us-east-1:000000000000:api/*/*/api/{proxy+}",
    });
  });

  it("gives each function what all routes share, and its own variables", async () => {
    const { resources } = await makeApi();
    const variablesOf = (name: string) => find(resources, "aws:lambda/function:Function", name)["environment"].variables;

    expect(variablesOf("webhook")).to.deep.equal({ DEBUG: "false", TOKEN: "token" });
    expect(variablesOf("rest")).to.deep.equal({ DEBUG: "false" });
  });

  it("raises an alarm for failures of any route, throttles of each, and slow or failing answers to Slack", async () => {
    const { resources } = await makeApi();
    const alarms = resources.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
    const watched = Object.fromEntries(
      alarms.map(({ name, inputs: { metricName, dimensions, threshold, datapointsToAlarm, evaluationPeriods } }) => [
        name,
        { metricName, dimensions, threshold, minutes: [datapointsToAlarm, evaluationPeriods] },
      ]),
    );

    const webhook = { dimensions: { FunctionName: "webhook" } };
    expect(watched).to.deep.equal({
      "api-5xx": { metricName: "5xx", dimensions: { ApiId: "api-id" }, threshold: 0, minutes: [1, 1] },
      "webhook-throttles": { ...webhook, metricName: "Throttles", threshold: 0, minutes: [1, 1] },
      "webhook-slow": { ...webhook, metricName: "Duration", threshold: 2000, minutes: [2, 5] },
      "webhook-failing": { metricName: "FailedAcks", dimensions: { service: "webhook" }, threshold: 0.5, minutes: [10, 15] },
      "rest-throttles": { metricName: "Throttles", dimensions: { FunctionName: "rest" }, threshold: 0, minutes: [1, 1] },
    });
    for (const { inputs } of alarms) expect(inputs["alarmActions"]).to.deep.equal(["arn:aws:mock:us-east-1:000000000000:errors"]);
  });

  it("passes requests in payload format 2.0", async () => {
    const { resources } = await makeApi();

    expect(find(resources, "aws:apigatewayv2/integration:Integration", "webhook")).to.include({
      integrationType: "AWS_PROXY",
      payloadFormatVersion: "2.0",
      integrationUri: "arn:aws:mock:us-east-1:000000000000:webhook",
    });
    expect(find(resources, "aws:apigatewayv2/route:Route", "webhook")).to.include({
      routeKey: "POST /webhook",
      target: "integrations/webhook-id",
    });
  });
});
