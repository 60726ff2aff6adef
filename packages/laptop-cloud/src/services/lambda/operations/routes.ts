import type { RestRoute } from "../../../kernel/service";
import { readInvoke, writeInvoke } from "./invoke";

const eventInvokePath = "/2019-09-25/functions/{FunctionName}/event-invoke-config";

const routes: RestRoute[] = [
  {
    method: "POST",
    path: "/2015-03-31/functions/{FunctionName}/invocations",
    operation: "Invoke",
    read: readInvoke,
    write: writeInvoke,
  },
  { method: "GET", path: "/2016-08-19/account-settings", operation: "GetAccountSettings" },
  { method: "GET", path: "/2015-03-31/functions", operation: "ListFunctions" },
  { method: "POST", path: "/2015-03-31/functions", operation: "CreateFunction", status: 201 },
  { method: "PUT", path: "/2015-03-31/functions/{FunctionName}/code", operation: "UpdateFunctionCode" },
  { method: "PUT", path: "/2015-03-31/functions/{FunctionName}/configuration", operation: "UpdateFunctionConfiguration" },
  { method: "DELETE", path: "/2015-03-31/functions/{FunctionName}", operation: "DeleteFunction", status: 204 },
  { method: "GET", path: "/2015-03-31/functions/{FunctionName}", operation: "GetFunction" },
  { method: "GET", path: "/2015-03-31/functions/{FunctionName}/configuration", operation: "GetFunctionConfiguration" },
  { method: "GET", path: "/2019-09-30/functions/{FunctionName}/concurrency", operation: "GetFunctionConcurrency" },
  { method: "PUT", path: "/2017-10-31/functions/{FunctionName}/concurrency", operation: "PutFunctionConcurrency" },
  { method: "DELETE", path: "/2017-10-31/functions/{FunctionName}/concurrency", operation: "DeleteFunctionConcurrency", status: 204 },
  { method: "GET", path: "/2015-03-31/functions/{FunctionName}/policy", operation: "GetPolicy" },
  { method: "POST", path: "/2015-03-31/functions/{FunctionName}/policy", operation: "AddPermission", status: 201 },
  { method: "DELETE", path: "/2015-03-31/functions/{FunctionName}/policy/{StatementId}", operation: "RemovePermission", status: 204 },
  { method: "GET", path: eventInvokePath, operation: "GetFunctionEventInvokeConfig" },
  { method: "PUT", path: eventInvokePath, operation: "PutFunctionEventInvokeConfig" },
  { method: "POST", path: eventInvokePath, operation: "UpdateFunctionEventInvokeConfig" },
  { method: "DELETE", path: eventInvokePath, operation: "DeleteFunctionEventInvokeConfig", status: 204 },
  { method: "GET", path: "/2015-03-31/event-source-mappings", operation: "ListEventSourceMappings" },
  { method: "POST", path: "/2015-03-31/event-source-mappings", operation: "CreateEventSourceMapping", status: 202 },
  { method: "GET", path: "/2015-03-31/event-source-mappings/{UUID}", operation: "GetEventSourceMapping" },
  { method: "PUT", path: "/2015-03-31/event-source-mappings/{UUID}", operation: "UpdateEventSourceMapping", status: 202 },
  { method: "DELETE", path: "/2015-03-31/event-source-mappings/{UUID}", operation: "DeleteEventSourceMapping", status: 202 },
];

export { routes };
