import { AwsError } from "../../../kernel/aws-error";
import type { Resource } from "../../../kernel/inventory";
import type { Call, Cloud, Operation, RestRoute } from "../../../kernel/service";

/** Where the operations below lie (API Gateway V2 API reference). */
const routes: RestRoute[] = [
  { method: "GET", path: "/v2/apis", operation: "GetApis" },
  { method: "GET", path: "/v2/apis/{apiId}", operation: "GetApi" },
  { method: "GET", path: "/v2/apis/{apiId}/routes", operation: "GetRoutes" },
  { method: "GET", path: "/v2/apis/{apiId}/integrations", operation: "GetIntegrations" },
  { method: "GET", path: "/v2/apis/{apiId}/stages", operation: "GetStages" },
];

/** The operations that read APIs. Each behaves as its page; differs: everything fits on one page, and nothing can be changed. */
const createOperations = ({ inventory, place }: Cloud): Record<string, Operation> => {
  const findApi = (id: string): Resource => {
    const api = inventory.ofType("aws:apigatewayv2/api:Api").find(resource => resource.id === id);
    if (api === undefined) throw new AwsError("NotFoundException", `Invalid API identifier specified ${place.account}:${id}`, 404);
    return api;
  };
  const authorize = (call: Call, path: string) => call.authorize("apigateway:GET", `arn:aws:apigateway:${place.region}::${path}`);
  const list = (collection: string, type: string, describe: (resource: Resource) => object): Operation => {
    return async ({ apiId }: { apiId: string }, call) => {
      authorize(call, `/apis/${apiId}/${collection}`);
      const { id } = findApi(apiId);
      return {
        items: inventory
          .ofType(type)
          .filter(({ inputs }) => inputs["apiId"] === id)
          .map(describe),
      };
    };
  };

  return {
    GetApis: async (_input, call) => {
      authorize(call, "/apis");
      return { items: inventory.ofType("aws:apigatewayv2/api:Api").map(describeApi) };
    },
    GetApi: async ({ apiId }: { apiId: string }, call) => {
      authorize(call, `/apis/${apiId}`);
      return describeApi(findApi(apiId));
    },
    GetRoutes: list("routes", "aws:apigatewayv2/route:Route", ({ id, inputs }) => ({
      routeId: id,
      routeKey: inputs["routeKey"],
      target: inputs["target"],
      authorizationType: "NONE",
      apiKeyRequired: false,
    })),
    GetIntegrations: list("integrations", "aws:apigatewayv2/integration:Integration", ({ id, inputs }) => ({
      integrationId: id,
      integrationType: inputs["integrationType"],
      integrationUri: inputs["integrationUri"],
      integrationMethod: "POST",
      payloadFormatVersion: inputs["payloadFormatVersion"],
      timeoutInMillis: inputs["timeoutMilliseconds"],
    })),
    GetStages: list("stages", "aws:apigatewayv2/stage:Stage", ({ inputs, outputs }) => ({
      stageName: outputs["name"],
      autoDeploy: inputs["autoDeploy"] ?? false,
      defaultRouteSettings: inputs["defaultRouteSettings"],
      stageVariables: inputs["stageVariables"],
    })),
  };
};

const describeApi = ({ id, inputs, outputs }: Resource) => ({
  apiId: id,
  name: outputs["name"],
  protocolType: inputs["protocolType"],
  apiEndpoint: outputs["apiEndpoint"],
  description: inputs["description"],
  routeSelectionExpression: "$request.method $request.path",
});

export { createOperations, routes };
