import type { Inventory, Resource } from "../../kernel/inventory";
import type { Place } from "../../kernel/service";
import { type Api, functionIntegration, type Integration } from "./api";
import { answerMock } from "./mock";
import { type OpenApi, parseOpenApi } from "./open-api";
import { readIntegration, readResponse, referenceId, resourceIdOf, restApiType, restApiUrl, stageType } from "./resources/rest-api";
import { createRestDialect } from "./rest-dialect";
import type { IntegrationDefinition } from "./rest-method";
import { parseRoute } from "./routing";

/** A method of a REST API with its path. */
interface Method {
  method: string;
  path: string;
  resourceId: string;
  operationName?: string;
  integration: IntegrationDefinition;
}

/** Reads the REST APIs of the program. Throws `Error` for a method without an integration. */
const readRestApis = (inventory: Inventory, place: Place): Api[] =>
  inventory.ofType(restApiType).map(api => {
    const { body, binaryMediaTypes } = api.inputs;
    const openApi = parseOpenApi(body ?? "{}");
    const methods = [...methodsOf(api, openApi), ...declaredMethods(inventory, api)];
    return {
      id: api.id,
      executionArn: api.outputs["executionArn"],
      mount: restApiUrl(place, api.id).slice(place.pageUrl.length),
      dialect: createRestDialect(binaryMediaTypes ?? openApi.binaryMediaTypes, openApi.refusals),
      stages: belongingTo(inventory, stageType, api).map(({ inputs }) => ({
        name: inputs["stageName"],
        variables: inputs["variables"],
        deploymentId: referenceId(inputs["deployment"]),
        admit: () => true,
      })),
      routes: methods.map(method => parseRoute(`${method.method} ${method.path}`, toIntegration(inventory, method))),
    };
  });

const belongingTo = (inventory: Inventory, type: string, api: Resource) =>
  inventory.ofType(type).filter(({ inputs }) => referenceId(inputs["restApi"]) === api.id);

const methodsOf = (api: Resource, { methods }: OpenApi): Method[] =>
  methods.map(each => ({ ...each, resourceId: resourceIdOf(api.id, each.path) }));

const declaredMethods = (inventory: Inventory, api: Resource): Method[] => {
  const paths = new Map<string, string>([[api.outputs["rootResourceId"], "/"]]);
  for (const { id, outputs } of belongingTo(inventory, "aws:apigateway/resource:Resource", api)) paths.set(id, outputs["path"]);
  return belongingTo(inventory, "aws:apigateway/method:Method", api).map(({ name, type, inputs }) => {
    const isOfMethod = (other: Resource) =>
      other.inputs["resourceId"] === inputs["resourceId"] && other.inputs["httpMethod"] === inputs["httpMethod"];
    const integration = belongingTo(inventory, "aws:apigateway/integration:Integration", api).find(isOfMethod);
    if (integration === undefined) throw new Error(`"${name}" (${type}) has no integration.`);
    const responses = belongingTo(inventory, "aws:apigateway/integrationResponse:IntegrationResponse", api).filter(isOfMethod);
    const definition = readIntegration(integration);
    return {
      method: inputs["httpMethod"],
      path: paths.get(inputs["resourceId"])!,
      resourceId: inputs["resourceId"],
      operationName: inputs["operationName"],
      integration: definition.type === "MOCK" ? { ...definition, responses: responses.map(readResponse) } : definition,
    };
  });
};

const toIntegration = (inventory: Inventory, { integration, resourceId, operationName }: Method): Integration => {
  if (integration.type === "MOCK") return { kind: "mock", resourceId, operationName, answer: () => answerMock(integration) };
  return { ...functionIntegration(inventory, integration.uri, integration.timeoutMs), resourceId, operationName };
};

export { readRestApis };
