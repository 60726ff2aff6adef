import type { ResourceKind } from "../../../kernel/service";
import { httpApiResources } from "./http-api";
import { restApiResources } from "./rest-api";
import { restApiComponent } from "./rest-api-component";

/** The resource types of `aws.apigatewayv2`, `aws.apigateway` and @pulumi/aws-apigateway that are imitated. */
const resources: Record<string, ResourceKind> = {
  ...httpApiResources,
  ...restApiResources,
  "aws-apigateway:index:RestAPI": restApiComponent,
};

export { resources };
