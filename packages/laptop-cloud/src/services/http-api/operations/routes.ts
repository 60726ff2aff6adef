import type { RestRoute } from "../../../kernel/service";

/** API Gateway V2 API reference. */
const routes: RestRoute[] = [
  { method: "GET", path: "/v2/apis", operation: "GetApis" },
  { method: "GET", path: "/v2/apis/{apiId}", operation: "GetApi" },
  { method: "GET", path: "/v2/apis/{apiId}/routes", operation: "GetRoutes" },
  { method: "GET", path: "/v2/apis/{apiId}/integrations", operation: "GetIntegrations" },
  { method: "GET", path: "/v2/apis/{apiId}/stages", operation: "GetStages" },
];

export { routes };
