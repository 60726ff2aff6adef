import { createHash } from "node:crypto";
import { physicalName } from "../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../kernel/service";

/** The path of the program's first API. Further ones append a hyphen and their name. */
const firstMount = "/api-gateway";

/** The mounts of one start's APIs, by API id. A stage's URL is its API's, and the two are declared one after the other. */
const mountsOfPlace = new WeakMap<Place, Map<string, string>>();

const mountsOf = (place: Place): Map<string, string> => {
  const mounts = mountsOfPlace.get(place) ?? new Map<string, string>();
  mountsOfPlace.set(place, mounts);
  return mounts;
};

const mountApi = (place: Place, apiId: string, name: string): string => {
  const mounts = mountsOf(place);
  const mount = mounts.get(apiId) ?? (mounts.size === 0 ? firstMount : `${firstMount}-${name.replace(/[^A-Za-z0-9-]/g, "-")}`);
  mounts.set(apiId, mount);
  return mount;
};

/** AWS's integration timeout for HTTP APIs, default and highest, milliseconds (API Gateway quotas). */
const MAX_INTEGRATION_MS = 30_000;
const MIN_INTEGRATION_MS = 50;

const routeKeyForm = /^(\$default|(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/\S*)$/;

const inertTags = { inert: "nothing asks for them" };
const inertRegion = { inert: "there is one region" };

/** The resource types of `aws.apigatewayv2` that are imitated: HTTP APIs with Lambda proxy integrations. */
const resources: Record<string, ResourceKind> = {
  "aws:apigatewayv2/api:Api": {
    properties: {
      name: "acts",
      protocolType: "acts",
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
      unless(inputs, "routeSelectionExpression", "$request.method $request.path"),
    outputs: (declared, place) => {
      const name = physicalName(declared);
      const id = idOf("api", declared.name);
      return {
        id,
        name,
        arn: `arn:aws:apigateway:${place.region}::/apis/${id}`,
        apiEndpoint: place.pageUrl + mountApi(place, id, declared.name),
        executionArn: executionArnOf(place, id),
      };
    },
  },

  "aws:apigatewayv2/route:Route": {
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
        return `routeKey is ${quote(inputs["routeKey"])}: want "METHOD /path", "ANY /path" or "$default".`;
      if (!/^integrations\/\S+$/.test(inputs["target"])) return `target is ${quote(inputs["target"])}: want "integrations/ID".`;
      return unless(inputs, "authorizationType", "NONE") ?? unless(inputs, "apiKeyRequired", false);
    },
    outputs: ({ name }) => ({ id: idOf("route", name) }),
  },

  "aws:apigatewayv2/integration:Integration": {
    properties: {
      apiId: "acts",
      integrationType: "acts",
      integrationUri: "acts",
      payloadFormatVersion: "acts",
      timeoutMilliseconds: "acts",
      connectionType: "acts",
      integrationMethod: { inert: "Lambda is always called by POST" },
      passthroughBehavior: { inert: "it concerns WebSocket APIs" },
      description: { inert: "for people" },
      region: inertRegion,
    },
    check: ({ inputs }) => {
      const { timeoutMilliseconds = MAX_INTEGRATION_MS, integrationUri } = inputs;
      if (functionArnOf(integrationUri) === undefined)
        return `integrationUri is ${quote(integrationUri)}: want a function's invokeArn or ARN.`;
      if (!(timeoutMilliseconds >= MIN_INTEGRATION_MS && timeoutMilliseconds <= MAX_INTEGRATION_MS))
        return `timeoutMilliseconds is ${quote(timeoutMilliseconds)}: want ${MIN_INTEGRATION_MS} to ${MAX_INTEGRATION_MS}.`;
      if (inputs["payloadFormatVersion"] !== "2.0")
        return `payloadFormatVersion is ${quote(inputs["payloadFormatVersion"] ?? "1.0")}: the laptop cloud imitates "2.0".`;
      return unless(inputs, "integrationType", "AWS_PROXY") ?? unless(inputs, "connectionType", "INTERNET");
    },
    outputs: ({ name }) => ({ id: idOf("integration", name) }),
  },

  "aws:apigatewayv2/stage:Stage": {
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

/** The function behind an integration: its ARN as it is, or inside API Gateway's own ARN for the function's Invoke. */
const functionArnOf = (integrationUri: unknown): string | undefined =>
  /(?:^|\/functions\/)(arn:aws:lambda:[^/]+:function:[^/]+?)(?:\/invocations)?$/.exec(String(integrationUri))?.[1];

const executionArnOf = ({ region, account }: Place, apiId: string) => `arn:aws:execute-api:${region}:${account}:${apiId}`;

/** Ten letters and digits, as AWS's ids. They are derived from the Pulumi name, so that they stay the same at each start. */
const idOf = (kind: string, name: string) =>
  BigInt(`0x${createHash("sha256").update(`${kind} ${name}`).digest("hex").slice(0, 16)}`)
    .toString(36)
    .padStart(10, "0")
    .slice(0, 10);

const unless = (inputs: Declared["inputs"], property: string, imitated: unknown): string | undefined => {
  const value = inputs[property];
  if (value === undefined || value === imitated) return undefined;
  return `${property} is ${quote(value)}: the laptop cloud imitates ${quote(imitated)}.`;
};

const quote = (value: unknown) => JSON.stringify(value) ?? String(value);

export { functionArnOf, MAX_INTEGRATION_MS, resources };
