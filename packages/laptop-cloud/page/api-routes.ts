import type { Resource } from "../src/protocol";

/** A route of an HTTP API or a method of a REST API. */
interface ApiRoute {
  /** "GET /pets/{id}" */
  route: string;
  /** The URI of its integration, or "mock". */
  target: string;
}

/** The routes of an API that the program declares. */
const routesOf = (resources: Resource[], api: Resource): ApiRoute[] =>
  api.type === "aws:apigatewayv2/api:Api" ? httpRoutes(resources, api) : [...openApiRoutes(api), ...restRoutes(resources, api)];

const httpRoutes = (resources: Resource[], api: Resource): ApiRoute[] =>
  ofType(resources, "aws:apigatewayv2/route:Route")
    .filter(({ inputs }) => inputs["apiId"] === api.id)
    .map(({ inputs }) => {
      const integration = ofType(resources, "aws:apigatewayv2/integration:Integration").find(
        ({ id }) => `integrations/${id}` === inputs["target"],
      );
      return {
        route: inputs["routeKey"],
        target: String(integration?.inputs["integrationUri"] ?? integration?.inputs["integrationSubtype"] ?? inputs["target"]),
      };
    });

const restRoutes = (resources: Resource[], api: Resource): ApiRoute[] => {
  const paths = new Map(ofType(resources, "aws:apigateway/resource:Resource").map(({ id, outputs }) => [id, outputs["path"]]));
  return ofType(resources, "aws:apigateway/integration:Integration")
    .filter(({ inputs }) => (inputs["restApi"]?.id ?? inputs["restApi"]) === api.id)
    .map(({ inputs }) => ({
      route: `${inputs["httpMethod"]} ${paths.get(inputs["resourceId"]) ?? "/"}`,
      target: inputs["uri"] ?? "mock",
    }));
};

const openApiRoutes = ({ inputs }: Resource): ApiRoute[] => {
  const { paths = {} } = JSON.parse(inputs["body"] ?? "{}") as { paths?: Record<string, Record<string, Record<string, { uri?: string }>>> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([key, operation]) => {
      const integration = operation["x-amazon-apigateway-integration"];
      const method = key === "x-amazon-apigateway-any-method" ? "ANY" : key.toUpperCase();
      return integration === undefined ? [] : [{ route: `${method} ${path}`, target: integration.uri ?? "mock" }];
    }),
  );
};

const ofType = (resources: Resource[], type: string) => resources.filter(resource => resource.type === type);

export type { ApiRoute };
export { routesOf };
