import { acts, inert, physicalName } from "../../../kernel/declared";
import type { Declared, ResourceKind } from "../../../kernel/service";
import { refuseServiceIntegration } from "../service-integration";
import { executionArnOf, firstMount, functionArnOf, idOf, inertTags, mountApi, mountsOf, quote, unless } from "./shared";

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
      ...acts("name", "protocolType", "target", "routeKey", "disableExecuteApiEndpoint", "routeSelectionExpression"),
      // The laptop's server refuses pages of other origins before a request reaches an API.
      ...inert("requests of other origins never get here", "corsConfiguration"),
      ...inert("for people", "description", "version"),
      ...inert("the laptop listens on 127.0.0.1", "ipAddressType"),
      ...inert("it concerns OpenAPI imports", "failOnWarnings"),
      ...inert(inertTags, "tags", "tagsAll"),
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
    properties: { ...acts("apiId", "routeKey", "target", "authorizationType", "apiKeyRequired"), ...inert("for people", "operationName") },
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
      ...acts("apiId", "integrationType", "integrationUri", "payloadFormatVersion", "timeoutMilliseconds", "connectionType"),
      ...acts("integrationSubtype", "requestParameters", "credentialsArn"),
      ...inert("Lambda is always called by POST", "integrationMethod"),
      ...inert("it concerns WebSocket APIs", "passthroughBehavior"),
      ...inert("for people", "description"),
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
      ...acts("apiId", "name", "defaultRouteSettings", "routeSettings", "stageVariables"),
      ...inert("the page shows each request", "accessLogSettings"),
      ...inert("what the program declares is deployed", "autoDeploy", "deploymentId"),
      ...inert("for people", "description"),
      ...inert(inertTags, "tags", "tagsAll"),
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
    properties: { ...inert("what the program declares is deployed", "apiId", "triggers"), ...inert("for people", "description") },
    outputs: ({ name }) => ({ id: idOf("deployment", name), autoDeployed: false }),
  },
};

export { httpApiResources, MAX_INTEGRATION_MS };
