import type { ResourceKind } from "../../../kernel/service";
import { httpApiResources } from "./http-api";
import { restApiResources } from "./rest-api";

/** The resource types of `aws.apigatewayv2` and `aws.apigateway` that are imitated. */
const resources: Record<string, ResourceKind> = { ...httpApiResources, ...restApiResources };

export { resources };
