import { physicalName } from "../../../kernel/declared";
import type { Declared, ResourceKind } from "../../../kernel/service";
import { refuseServiceIntegration } from "../service-integration";
import { executionArnOf, firstMount, functionArnOf, idOf, inertRegion, inertTags, mountApi, mountsOf, quote, unless } from "./shared";

/** AWS's integration timeout for HTTP APIs, default and highest, milliseconds (API Gateway quotas). */
const MAX_INTEGRATION_MS = 30_000;
const MIN_INTEGRATION_MS = 50;

const routeKeyForm = /^(\$default|(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/\S*)$/;

const routeType = "aws:apigatewayv2/route:Route";
const integrationType = "aws:apigatewayv2/integration:Integration";
const stageType = "aws:apigatewayv2/stage:Stage";

const apiIdOf = (name: string) => idOf("api", name);

/** What API Gateway creates for an API with a target ("quick create"): an integration, a route and the stage `$default`. */
const buildQuickCreated = ({ name: apiName, inputs: { target, routeKey = "$default" } }: Declared): Declared[] => {
  if (target === undefined) return [];
  const [apiId, name] = [apiIdOf(apiName), `${apiName}-quick-create`];
  const integration = { apiId, integrationType: "AWS_PROXY", integrationUri: target, payloadFormatVersion: "2.0" };
  return [
    { type: integrationType, name, inputs: integration },
    { type: routeType, name, inputs: { apiId, routeKey, target: `integrations/${idOf("integration", name)}` } },
    { type: stageType, name, inputs: { apiId, name: "$default", autoDeploy: true } },
  ];
};

const refuseFunctionIntegration = (inputs: Declared["inputs"]): string | undefined => {
  const { integrationUri, payloadFormatVersion = "1.0" } = inputs;
  if (functionArnOf(integrationUri) === undefined)
    return `integrationUri is ${quote(integrationUri)}, but must be a function's invokeArn or ARN.`;
  if (payloadFormatVersion !== "2.0") return `payloadFormatVersion is ${quote(payloadFormatVersion)}: the laptop cloud imitates "2.0".`;
  const other = ["credentialsArn", "requestParameters"].find(name => inputs[name] !== undefined);
  return other === undefined ? undefined : `sets ${other}, which the laptop cloud imitates only with integrationSubtype.`;
};

/** The resource types of `aws.apigatewayv2` that are imitated: HTTP APIs that call functions or AWS services. */
const httpApiResources: Record<string, ResourceKind> = {
  "aws:apigatewayv2/api:Api": {
    properties: {
      name: "acts",
      protocolType: "acts",
      target: "acts",
      routeKey: "acts",
      disableExecuteApiEndpoint: "acts",
      routeSelectionExpression: "acts",
      // The laptop's server refuses pages of other origins before a request reaches an API.
      corsConfiguration: { inert: "requests of other origins never get here" },
      description: { inert: "for people" },
      version: { inert: "for people" },
      ipAddressType: { inert: "the laptop listens on 127.0.0.1" },
      failOnWarnings: { inert: "it concerns OpenAPI imports" },
      region: inertRegion,
      tags: inertTags,
      tagsAll: inertTags,
    },
    check: ({ inputs }) =>
      unless(inputs, "protocolType", "HTTP") ??
      unless(inputs, "disableExecuteApiEndpoint", false) ??
      unless(inputs, "routeSelectionExpression", "$request.method $request.path") ??
      (inputs["routeKey"] !== undefined && inputs["target"] === undefined ? "routeKey needs a target." : undefined),
    parts: buildQuickCreated,
    outputs: (declared, place) => {
      const name = physicalName(declared);
      const id = apiIdOf(declared.name);
      return {
        id,
        name,
        arn: `arn:aws:apigateway:${place.region}::/apis/${id}`,
        apiEndpoint: place.pageUrl + mountApi(place, id, declared.name),
        executionArn: executionArnOf(place, id),
      };
    },
  },

  [routeType]: {
    properties: {
      apiId: "acts",
      routeKey: "acts",
      target: "acts",
      authorizationType: "acts",
      apiKeyRequired: "acts",
      operationName: { inert: "for people" },
      region: inertRegion,
    },
    check: ({ inputs }) => {
      if (!routeKeyForm.test(inputs["routeKey"]))
        return `routeKey is ${quote(inputs["routeKey"])}, but must be "METHOD /path", "ANY /path" or "$default".`;
      if (!/^integrations\/\S+$/.test(inputs["target"])) return `target is ${quote(inputs["target"])}, but must be "integrations/ID".`;
      return unless(inputs, "authorizationType", "NONE") ?? unless(inputs, "apiKeyRequired", false);
    },
    outputs: ({ name }) => ({ id: idOf("route", name) }),
  },

  [integrationType]: {
    properties: {
      apiId: "acts",
      integrationType: "acts",
      integrationUri: "acts",
      payloadFormatVersion: "acts",
      timeoutMilliseconds: "acts",
      connectionType: "acts",
      integrationSubtype: "acts",
      requestParameters: "acts",
      credentialsArn: "acts",
      integrationMethod: { inert: "Lambda is always called by POST" },
      passthroughBehavior: { inert: "it concerns WebSocket APIs" },
      description: { inert: "for people" },
      region: inertRegion,
    },
    check: ({ inputs }) => {
      const { timeoutMilliseconds = MAX_INTEGRATION_MS } = inputs;
      if (!(timeoutMilliseconds >= MIN_INTEGRATION_MS && timeoutMilliseconds <= MAX_INTEGRATION_MS))
        return `timeoutMilliseconds is ${quote(timeoutMilliseconds)}, but must be ${MIN_INTEGRATION_MS} to ${MAX_INTEGRATION_MS}.`;
      return (
        unless(inputs, "integrationType", "AWS_PROXY") ??
        unless(inputs, "connectionType", "INTERNET") ??
        (inputs["integrationSubtype"] === undefined ? refuseFunctionIntegration(inputs) : refuseServiceIntegration(inputs))
      );
    },
    outputs: ({ name }) => ({ id: idOf("integration", name) }),
  },

  [stageType]: {
    properties: {
      apiId: "acts",
      name: "acts",
      defaultRouteSettings: "acts",
      routeSettings: "acts",
      stageVariables: "acts",
      accessLogSettings: { inert: "the page shows each request" },
      autoDeploy: { inert: "what the program declares is deployed" },
      deploymentId: { inert: "what the program declares is deployed" },
      description: { inert: "for people" },
      region: inertRegion,
      tags: inertTags,
      tagsAll: inertTags,
    },
    outputs: (declared, place) => {
      const { apiId } = declared.inputs;
      const name = physicalName(declared);
      const endpoint = place.pageUrl + (mountsOf(place).get(apiId) ?? firstMount);
      return {
        id: name,
        name,
        arn: `arn:aws:apigateway:${place.region}::/apis/${apiId}/stages/${name}`,
        executionArn: `${executionArnOf(place, apiId)}/${name}`,
        invokeUrl: name === "$default" ? endpoint : `${endpoint}/${name}`,
      };
    },
  },

  "aws:apigatewayv2/deployment:Deployment": {
    properties: {
      apiId: { inert: "what the program declares is deployed" },
      description: { inert: "for people" },
      triggers: { inert: "what the program declares is deployed" },
      region: inertRegion,
    },
    outputs: ({ name }) => ({ id: idOf("deployment", name), autoDeployed: false }),
  },
};

export { httpApiResources, MAX_INTEGRATION_MS };
