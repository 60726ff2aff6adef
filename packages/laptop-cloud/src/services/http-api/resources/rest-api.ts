import { acts, inert, physicalName, refusalOf } from "../../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../../kernel/service";
import { parseOpenApi } from "../open-api";
import { type IntegrationDefinition, parseIntegration, parseResponse, type ResponseDefinition } from "../rest-method";
import { executionArnOf, firstMount, idOf, inertTags, mountApi, mountsOf, quote, unless } from "./shared";

const restApiType = "aws:apigateway/restApi:RestApi";
const deploymentType = "aws:apigateway/deployment:Deployment";
const stageType = "aws:apigateway/stage:Stage";

const forPeople = "for people";
const deployed = "what the program declares is deployed";
const noModels = "bodies are not checked against models";

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
    ...acts("name", "body", "binaryMediaTypes", "disableExecuteApiEndpoint"),
    ...inert("methods that require an API key are refused", "apiKeySource"),
    ...inert(forPeople, "description"),
    ...inert("the laptop listens on 127.0.0.1", "endpointConfiguration", "endpointAccessMode"),
    ...inert("the laptop serves HTTP without TLS", "securityPolicy"),
    ...inert("the laptop does not compress", "minimumCompressionSize"),
    ...inert("an import that is not imitated fails", "failOnWarnings"),
    ...inert("resources and the body are merged", "putRestApiMode"),
    ...inert(inertTags, "tags", "tagsAll"),
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
  properties: acts("restApi", "parentId", "pathPart"),
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
  properties: { ...acts("restApi", "resourceId", "httpMethod"), ...properties },
  check,
  outputs: ({ inputs }) => {
    const parts = [prefix, referenceId(inputs["restApi"]), inputs["resourceId"], inputs["httpMethod"], inputs["statusCode"]];
    return { id: parts.filter(part => part !== undefined).join("-") };
  },
});

const method = ofMethod(
  "agm",
  {
    ...acts("authorization", "apiKeyRequired", "operationName"),
    ...inert(noModels, "requestModels"),
    ...inert("request parameters are not checked", "requestParameters"),
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
    ...acts("type", "uri", "integrationHttpMethod", "timeoutMilliseconds", "requestTemplates", "connectionType"),
    ...inert("it concerns integrations with templates", "passthroughBehavior"),
  },
  declared => unless(declared.inputs, "connectionType", "INTERNET") ?? refusalOf(() => readIntegration(declared)),
);

/** Throws `AwsError`. */
const readIntegration = ({ inputs }: Pick<Declared, "inputs">): IntegrationDefinition => {
  const { type, uri, integrationHttpMethod, timeoutMilliseconds, requestTemplates } = inputs;
  return parseIntegration({ type, uri, httpMethod: integrationHttpMethod, timeoutMs: timeoutMilliseconds, requestTemplates });
};

const integrationResponse = ofMethod("agir", acts("statusCode", "selectionPattern", "responseParameters", "responseTemplates"), declared =>
  refusalOf(() => readResponse(declared)),
);

/** Throws `AwsError`. */
const readResponse = ({ inputs }: Pick<Declared, "inputs">): ResponseDefinition => parseResponse(inputs);

const methodResponse = ofMethod("agmr", {
  ...inert("an integration response has the status", "statusCode"),
  ...inert(noModels, "responseModels"),
  ...inert("an integration response has the headers", "responseParameters"),
});

const deployment: ResourceKind = {
  properties: { ...inert(deployed, "restApi", "triggers", "variables"), ...inert(forPeople, "description") },
  outputs: ({ name }) => ({ id: idOf("rest-deployment", name) }),
};

const stage: ResourceKind = {
  properties: {
    ...acts("restApi", "stageName", "variables", "deployment"),
    ...inert("the page shows each request", "accessLogSettings"),
    ...inert(forPeople, "description", "documentationVersion"),
    ...inert("every request is traced", "xrayTracingEnabled"),
    ...inert(inertTags, "tags", "tagsAll"),
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
