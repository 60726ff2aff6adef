import { createHash } from "node:crypto";
import { acts, inert } from "../../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../../kernel/service";
import { deploymentType, restApiResources, restApiType, stageType } from "./rest-api";
import { inertTags, quote } from "./shared";

/** A route that a function handles, or with an integration of its own in OpenAPI. */
interface Route {
  path: string;
  method: string;
  /** The function's name. */
  eventHandler?: string;
  data?: object;
}

const knownRouteProperties = ["path", "method", "eventHandler", "data"];
const methods = ["ANY", "GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD"];

const DEFAULT_STAGE = "stage";
const DEFAULT_BINARY_MEDIA_TYPES = ["*/*"];

/** What the component answers where the program says nothing else. */
const notFound = { statusCode: 404, responseTemplates: { "application/json": '{"message": "404 Not found" }' } };
const DEFAULT_GATEWAY_RESPONSES = { MISSING_AUTHENTICATION_TOKEN: notFound, ACCESS_DENIED: notFound };

const checkRoute = (route: Record<string, unknown>, where: string): string | undefined => {
  const unknown = Object.keys(route).find(key => route[key] !== undefined && !knownRouteProperties.includes(key));
  if (unknown !== undefined) return `${where} sets ${unknown}, which the laptop cloud does not imitate.`;
  if (typeof route["path"] !== "string") return `${where}.path is missing.`;
  if (!methods.includes(String(route["method"])))
    return `${where}.method is ${quote(route["method"])}, but must be one of ${methods.join(", ")}.`;
  return route["eventHandler"] === undefined && route["data"] === undefined ? `${where} has neither eventHandler nor data.` : undefined;
};

const pathOf = ({ path }: Route): string => (path.startsWith("/") ? path : `/${path}`);

const functionArnOf = ({ region, account }: Place, { eventHandler }: Route) =>
  `arn:aws:lambda:${region}:${account}:function:${eventHandler}`;

const buildOperation = (route: Route, place: Place): object =>
  route.data ?? {
    "x-amazon-apigateway-integration": {
      type: "aws_proxy",
      httpMethod: "POST",
      uri: `arn:aws:apigateway:${place.region}:lambda:path/2015-03-31/functions/${functionArnOf(place, route)}/invocations`,
    },
  };

const buildDocument = ({ name, inputs }: Declared, place: Place): string => {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of inputs["routes"] as Route[]) {
    const key = route.method === "ANY" ? "x-amazon-apigateway-any-method" : route.method.toLowerCase();
    paths[pathOf(route)] = { ...paths[pathOf(route)], [key]: buildOperation(route, place) };
  }
  return JSON.stringify({
    swagger: "2.0",
    info: { title: name, version: "1.0" },
    paths,
    "x-amazon-apigateway-gateway-responses": { ...DEFAULT_GATEWAY_RESPONSES, ...inputs["gatewayResponses"] },
  });
};

/** Its parts have the component's name, as those of the original. */
const buildApi = (component: Declared, place: Place): Declared => {
  const { swaggerString, disableExecuteApiEndpoint, binaryMediaTypes = DEFAULT_BINARY_MEDIA_TYPES } = component.inputs;
  const body = swaggerString ?? buildDocument(component, place);
  return { type: restApiType, name: component.name, inputs: { body, binaryMediaTypes, disableExecuteApiEndpoint } };
};

const outputsOf = (declared: Declared, place: Place) => ({
  ...declared.inputs,
  ...restApiResources[declared.type]!.outputs(declared, place),
});

const buildDeployment = ({ name }: Declared, restApi: string): Declared => ({ type: deploymentType, name, inputs: { restApi } });

const buildStage = ({ name, inputs }: Declared, restApi: string, deployment: string): Declared => ({
  type: stageType,
  name,
  inputs: { restApi, deployment, stageName: inputs["stageName"] ?? DEFAULT_STAGE },
});

/** API Gateway may call the function for this route, in any stage. */
const buildPermission = (name: string, route: Route, place: Place, executionArn: unknown): Declared => {
  const methodAndPath = `${route.method === "ANY" ? "*" : route.method}${pathOf(route)}`;
  return {
    type: "aws:lambda/permission:Permission",
    name: `${name}-${createHash("sha1").update(methodAndPath).digest("hex").slice(0, 8)}`,
    inputs: {
      action: "lambda:InvokeFunction",
      function: functionArnOf(place, route),
      principal: "apigateway.amazonaws.com",
      sourceArn: `${executionArn}/*/${methodAndPath}`,
    },
  };
};

/** The API, its deployment and its stage, with the outputs of each. */
const buildParts = (component: Declared, place: Place) => {
  const api = buildApi(component, place);
  const apiOutputs = outputsOf(api, place);
  const deployment = buildDeployment(component, apiOutputs.id);
  const deploymentOutputs = outputsOf(deployment, place);
  const stage = buildStage(component, apiOutputs.id, deploymentOutputs.id);
  return { api, apiOutputs, deployment, deploymentOutputs, stage, stageOutputs: outputsOf(stage, place) };
};

/**
 * `RestAPI` of @pulumi/aws-apigateway. Differs: routes with static files, integrations other than functions, authorizers, API keys and
 * validators are refused.
 */
const restApiComponent: ResourceKind = {
  properties: {
    ...acts("routes", "swaggerString", "stageName", "binaryMediaTypes", "gatewayResponses", "disableExecuteApiEndpoint"),
    ...inert("routes that want an API key are refused", "apiKeySource"),
    ...inert("for people", "description"),
    ...inert(inertTags, "tags"),
  },
  check: ({ inputs: { routes, swaggerString } }) => {
    if ((routes === undefined) === (swaggerString === undefined)) return "it needs either routes or swaggerString.";
    return ((routes ?? []) as Record<string, unknown>[])
      .map((route, index) => checkRoute(route, `routes[${index}]`))
      .find(refusal => refusal !== undefined);
  },
  parts: (component, place) => {
    const { api, apiOutputs, deployment, stage } = buildParts(component, place);
    const routes = ((component.inputs["routes"] ?? []) as Route[]).filter(({ eventHandler }) => eventHandler !== undefined);
    const permissions = routes.map(route => buildPermission(component.name, route, place, apiOutputs["executionArn"]));
    return [api, deployment, ...permissions, stage];
  },
  outputs: (component, place) => {
    const { apiOutputs, deploymentOutputs, stageOutputs } = buildParts(component, place);
    return {
      id: component.name,
      url: `${stageOutputs["invokeUrl"]}/`,
      api: apiOutputs,
      deployment: deploymentOutputs,
      stage: stageOutputs,
    };
  },
};

export { restApiComponent };
