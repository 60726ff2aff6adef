import { AwsError } from "../../../kernel/aws-error";
import type { Resource } from "../../../kernel/inventory";
import type { Call, Cloud, OperationOf } from "../../../kernel/service";

const getApis: OperationOf<Cloud> = async (cloud, _input, call) => {
  authorize(cloud, call, "/apis");
  return { items: cloud.inventory.ofType("aws:apigatewayv2/api:Api").map(describeApi) };
};

const getApi: OperationOf<Cloud> = async (cloud, { apiId }: { apiId: string }, call) => {
  authorize(cloud, call, `/apis/${apiId}`);
  return describeApi(findApi(cloud, apiId));
};

const list =
  (collection: string, type: string, describe: (resource: Resource) => object): OperationOf<Cloud> =>
  async (cloud, { apiId }: { apiId: string }, call) => {
    authorize(cloud, call, `/apis/${apiId}/${collection}`);
    const { id } = findApi(cloud, apiId);
    const listed = cloud.inventory.ofType(type).filter(({ inputs }) => inputs["apiId"] === id);
    return { items: listed.map(describe) };
  };

const getRoutes = list("routes", "aws:apigatewayv2/route:Route", ({ id, inputs }) => ({
  routeId: id,
  routeKey: inputs["routeKey"],
  target: inputs["target"],
  authorizationType: "NONE",
  apiKeyRequired: false,
}));

const getIntegrations = list("integrations", "aws:apigatewayv2/integration:Integration", ({ id, inputs }) => ({
  integrationId: id,
  integrationType: inputs["integrationType"],
  integrationUri: inputs["integrationUri"],
  integrationMethod: "POST",
  payloadFormatVersion: inputs["payloadFormatVersion"],
  timeoutInMillis: inputs["timeoutMilliseconds"],
}));

const getStages = list("stages", "aws:apigatewayv2/stage:Stage", ({ inputs, outputs }) => ({
  stageName: outputs["name"],
  autoDeploy: inputs["autoDeploy"] ?? false,
  defaultRouteSettings: inputs["defaultRouteSettings"],
  stageVariables: inputs["stageVariables"],
}));

/** Throws `AwsError` NotFoundException. */
const findApi = ({ inventory, place }: Cloud, id: string): Resource => {
  const api = inventory.ofType("aws:apigatewayv2/api:Api").find(resource => resource.id === id);
  if (api === undefined) throw new AwsError("NotFoundException", `Invalid API identifier specified ${place.account}:${id}`, 404);
  return api;
};

const authorize = ({ place }: Cloud, call: Call, path: string) =>
  call.authorize("apigateway:GET", `arn:aws:apigateway:${place.region}::${path}`);

const describeApi = ({ id, inputs, outputs }: Resource) => ({
  apiId: id,
  name: outputs["name"],
  protocolType: inputs["protocolType"],
  apiEndpoint: outputs["apiEndpoint"],
  description: inputs["description"],
  routeSelectionExpression: "$request.method $request.path",
});

export { getApi, getApis, getIntegrations, getRoutes, getStages };
