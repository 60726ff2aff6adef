import type { ResourceKind } from "../../../kernel/service";
import { eventInvokeConfig } from "./event-invoke-config";
import { eventSourceMapping } from "./event-source-mapping";
import { lambdaFunction } from "./function";
import { permission } from "./permission";

const functionType = "aws:lambda/function:Function";
const permissionType = "aws:lambda/permission:Permission";
const eventInvokeConfigType = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
const mappingType = "aws:lambda/eventSourceMapping:EventSourceMapping";

/** The resource types of `aws.lambda` that the laptop cloud imitates. */
const resources: Record<string, ResourceKind> = {
  [functionType]: lambdaFunction,
  [permissionType]: permission,
  [eventInvokeConfigType]: eventInvokeConfig,
  [mappingType]: eventSourceMapping,
};

export { eventInvokeConfigType, functionType, mappingType, permissionType, resources };
