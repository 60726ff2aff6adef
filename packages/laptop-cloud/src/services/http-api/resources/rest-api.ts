import { physicalName, refusalOf } from "../../../kernel/declared";
import type { Declared, Inert, Place, ResourceKind } from "../../../kernel/service";
import { parseOpenApi } from "../open-api";
import { type IntegrationDefinition, parseIntegration, parseResponse, type ResponseDefinition } from "../rest-method";
import { executionArnOf, firstMount, idOf, inertRegion, inertTags, mountApi, mountsOf, quote, unless } from "./shared";

const restApiType = "aws:apigateway/restApi:RestApi";
const deploymentType = "aws:apigateway/deployment:Deployment";
const stageType = "aws:apigateway/stage:Stage";

const forPeople: Inert = { inert: "for people" };
const deployed: Inert = { inert: "what the program declares is deployed" };
const noModels: Inert = { inert: "bodies are not checked against models" };

/** The paths of one start's resources, by id: a resource names its parent, which is declared before it. */
const pathsOfPlace = new WeakMap<Place, Map<string, string>>();

const pathsOf = (place: Place): Map<string, string> => {
  const paths = pathsOfPlace.get(place) ?? new Map<string, string>();
  pathsOfPlace.set(place, paths);
  return paths;
};

/** The id in an input that takes an id or the resource itself. */
const referenceId = (reference: unknown): string =>
  typeof reference === "object" && reference !== null ? String((reference as { id: unknown }).id) : String(reference);

const resourceIdOf = (apiId: string, path: string) => idOf("resource", `${apiId} ${path}`);

const restApiUrl = (place: Place, apiId: string) => place.pageUrl + (mountsOf(place).get(apiId) ?? firstMount);

const restApi: ResourceKind = {
  properties: {
    name: "acts",
    body: "acts",
    binaryMediaTypes: "acts",
    disableExecuteApiEndpoint: "acts",
    apiKeySource: { inert: "methods that require an API key are refused" },
    description: forPeople,
    endpointConfiguration: { inert: "the laptop listens on 127.0.0.1" },
    endpointAccessMode: { inert: "the laptop listens on 127.0.0.1" },
    securityPolicy: { inert: "the laptop serves HTTP without TLS" },
    minimumCompressionSize: { inert: "the laptop does not compress" },
    failOnWarnings: { inert: "an import that is not imitated fails" },
    putRestApiMode: { inert: "resources and the body are merged" },
    region: inertRegion,
    tags: inertTags,
    tagsAll: inertTags,
  },
  check: ({ inputs }) =>
    unless(inputs, "disableExecuteApiEndpoint", false) ??
    (inputs["body"] === undefined ? undefined : refusalOf(() => parseOpenApi(inputs["body"]))),
  outputs: (declared, place) => {
    const id = idOf("rest-api", declared.name);
    mountApi(place, id, declared.name);
    const rootResourceId = resourceIdOf(id, "/");
    pathsOf(place).set(rootResourceId, "/");
    return {
      id,
      name: physicalName(declared),
      arn: `arn:aws:apigateway:${place.region}::/restapis/${id}`,
      executionArn: executionArnOf(place, id),
      rootResourceId,
      binaryMediaTypes: declared.inputs["binaryMediaTypes"] ?? [],
    };
  },
};

const resource: ResourceKind = {
  properties: { restApi: "acts", parentId: "acts", pathPart: "acts", region: inertRegion },
  outputs: ({ inputs }, place) => {
    const parent = pathsOf(place).get(inputs["parentId"]) ?? "/";
    const path = `${parent === "/" ? "" : parent}/${inputs["pathPart"]}`;
    const id = resourceIdOf(referenceId(inputs["restApi"]), path);
    pathsOf(place).set(id, path);
    return { id, path };
  },
};

/** What belongs to one method; its id has AWS's form. */
const ofMethod = (prefix: string, properties: ResourceKind["properties"], check?: ResourceKind["check"]): ResourceKind => ({
  properties: { restApi: "acts", resourceId: "acts", httpMethod: "acts", region: inertRegion, ...properties },
  check,
  outputs: ({ inputs }) => {
    const parts = [prefix, referenceId(inputs["restApi"]), inputs["resourceId"], inputs["httpMethod"], inputs["statusCode"]];
    return { id: parts.filter(part => part !== undefined).join("-") };
  },
});

const method = ofMethod(
  "agm",
  {
    authorization: "acts",
    apiKeyRequired: "acts",
    operationName: "acts",
    requestModels: noModels,
    requestParameters: { inert: "request parameters are not checked" },
  },
  ({ inputs }) => {
    if (!/^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(inputs["httpMethod"]))
      return `httpMethod is ${quote(inputs["httpMethod"])}, but must be ANY or a method in capital letters.`;
    return unless(inputs, "authorization", "NONE") ?? unless(inputs, "apiKeyRequired", false);
  },
);

const integration = ofMethod(
  "agi",
  {
    type: "acts",
    uri: "acts",
    integrationHttpMethod: "acts",
    timeoutMilliseconds: "acts",
    requestTemplates: "acts",
    connectionType: "acts",
    passthroughBehavior: { inert: "it concerns integrations with templates" },
  },
  declared => unless(declared.inputs, "connectionType", "INTERNET") ?? refusalOf(() => readIntegration(declared)),
);

/** Throws `AwsError`. */
const readIntegration = ({ inputs }: Pick<Declared, "inputs">): IntegrationDefinition => {
  const { type, uri, integrationHttpMethod, timeoutMilliseconds, requestTemplates } = inputs;
  return parseIntegration({ type, uri, httpMethod: integrationHttpMethod, timeoutMs: timeoutMilliseconds, requestTemplates });
};

const integrationResponse = ofMethod(
  "agir",
  { statusCode: "acts", selectionPattern: "acts", responseParameters: "acts", responseTemplates: "acts" },
  declared => refusalOf(() => readResponse(declared)),
);

/** Throws `AwsError`. */
const readResponse = ({ inputs }: Pick<Declared, "inputs">): ResponseDefinition => parseResponse(inputs);

const methodResponse = ofMethod("agmr", {
  statusCode: { inert: "an integration response has the status" },
  responseModels: noModels,
  responseParameters: { inert: "an integration response has the headers" },
});

const deployment: ResourceKind = {
  properties: { restApi: deployed, description: forPeople, triggers: deployed, variables: deployed, region: inertRegion },
  outputs: ({ name }) => ({ id: idOf("rest-deployment", name) }),
};

const stage: ResourceKind = {
  properties: {
    restApi: "acts",
    stageName: "acts",
    variables: "acts",
    deployment: "acts",
    accessLogSettings: { inert: "the page shows each request" },
    description: forPeople,
    documentationVersion: forPeople,
    xrayTracingEnabled: { inert: "every request is traced" },
    region: inertRegion,
    tags: inertTags,
    tagsAll: inertTags,
  },
  outputs: ({ inputs }, place) => {
    const apiId = referenceId(inputs["restApi"]);
    const name = inputs["stageName"];
    return {
      id: `ags-${apiId}-${name}`,
      arn: `arn:aws:apigateway:${place.region}::/restapis/${apiId}/stages/${name}`,
      executionArn: `${executionArnOf(place, apiId)}/${name}`,
      invokeUrl: `${restApiUrl(place, apiId)}/${name}`,
    };
  },
};

/** The resource types of `aws.apigateway` that are imitated: REST APIs with Lambda proxy and mock integrations. */
const restApiResources: Record<string, ResourceKind> = {
  [restApiType]: restApi,
  "aws:apigateway/resource:Resource": resource,
  "aws:apigateway/method:Method": method,
  "aws:apigateway/methodResponse:MethodResponse": methodResponse,
  "aws:apigateway/integration:Integration": integration,
  "aws:apigateway/integrationResponse:IntegrationResponse": integrationResponse,
  [deploymentType]: deployment,
  [stageType]: stage,
};

export { deploymentType, readIntegration, readResponse, referenceId, resourceIdOf, restApiResources, restApiType, restApiUrl, stageType };
