import { join } from "node:path";
import { buildChildProgram } from "../../kernel/child-program";
import type { Cloud, RestRoute, Service, ServiceDefinition } from "../../kernel/service";
import { EventQueue } from "./event-queue";
import { Fleet } from "./fleet";
import { Invoker } from "./invoker";
import { deleteFunctionConcurrency, getFunctionConcurrency, putFunctionConcurrency } from "./operations/concurrency";
import { createFunction, deleteFunction, updateFunctionCode, updateFunctionConfiguration } from "./operations/deploy";
import {
  deleteFunctionEventInvokeConfig,
  getFunctionEventInvokeConfig,
  putFunctionEventInvokeConfig,
  updateFunctionEventInvokeConfig,
} from "./operations/event-invoke-config";
import {
  createEventSourceMapping,
  deleteEventSourceMapping,
  getEventSourceMapping,
  listEventSourceMappings,
  updateEventSourceMapping,
} from "./operations/event-source-mappings";
import { getFunction, getFunctionConfiguration, listFunctions } from "./operations/functions";
import { invoke, readInvoke, writeInvoke } from "./operations/invoke";
import { addPermission, getPolicy, removePermission } from "./operations/policy";
import { mappingType, QueuePollers } from "./queue-pollers";
import { eventInvokeConfigResource } from "./resources/event-invoke-config";
import { eventSourceMappingResource } from "./resources/event-source-mapping";
import { functionResource } from "./resources/function";
import { permissionResource } from "./resources/permission";
import { eventInvokeConfigType, Functions, functionType, permissionType } from "./store";

const eventInvokePath = "/2019-09-25/functions/{FunctionName}/event-invoke-config";

const routes: RestRoute[] = [
  {
    method: "POST",
    path: "/2015-03-31/functions/{FunctionName}/invocations",
    operation: "Invoke",
    read: readInvoke,
    write: writeInvoke,
  },
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

/** AWS Lambda: functions in processes of their own, on this machine's Node. */
class Lambda implements Service {
  readonly #functions: Functions;
  readonly #fleet: Fleet;
  readonly #queue: EventQueue;
  readonly #pollers: QueuePollers;
  readonly operations: Service["operations"];

  constructor(cloud: Cloud) {
    const directory = join(cloud.directory, "functions");
    const state = cloud.state("lambda");
    const fleet: Fleet = new Fleet(
      cloud,
      buildChildProgram(join(__dirname, "runtime", "bootstrap.ts"), join(directory, ".bootstrap")),
      name => functions.get(name),
    );
    const functions = new Functions(cloud, state, directory, name => fleet.retire(name));
    const invoker = new Invoker(cloud, fleet);
    const queue = new EventQueue(cloud, state, functions, invoker);
    const pollers = new QueuePollers(cloud, state, functions, invoker);
    this.#functions = functions;
    this.#fleet = fleet;
    this.#queue = queue;
    this.#pollers = pollers;
    this.operations = {
      Invoke: invoke(cloud, functions, invoker, queue),
      ListFunctions: listFunctions(functions),
      GetFunction: getFunction(functions),
      GetFunctionConfiguration: getFunctionConfiguration(functions),
      GetFunctionConcurrency: getFunctionConcurrency(functions),
      CreateFunction: createFunction(cloud, functions),
      UpdateFunctionCode: updateFunctionCode(cloud, functions),
      UpdateFunctionConfiguration: updateFunctionConfiguration(cloud, functions),
      DeleteFunction: deleteFunction(functions),
      PutFunctionConcurrency: putFunctionConcurrency(functions),
      DeleteFunctionConcurrency: deleteFunctionConcurrency(functions),
      GetPolicy: getPolicy(functions),
      AddPermission: addPermission(functions),
      RemovePermission: removePermission(functions),
      GetFunctionEventInvokeConfig: getFunctionEventInvokeConfig(functions),
      PutFunctionEventInvokeConfig: putFunctionEventInvokeConfig(functions),
      UpdateFunctionEventInvokeConfig: updateFunctionEventInvokeConfig(functions),
      DeleteFunctionEventInvokeConfig: deleteFunctionEventInvokeConfig(functions),
      ListEventSourceMappings: listEventSourceMappings(cloud, pollers),
      CreateEventSourceMapping: createEventSourceMapping(cloud, functions, pollers),
      GetEventSourceMapping: getEventSourceMapping(cloud, pollers),
      DeleteEventSourceMapping: deleteEventSourceMapping(cloud, pollers),
      UpdateEventSourceMapping: updateEventSourceMapping(cloud, pollers),
    };
  }

  async start() {
    await this.#functions.start();
  }

  async resume() {
    const [first] = this.#functions.all();
    if (first !== undefined) this.#fleet.prepare(first.configuration.memoryMb);
    await this.#queue.resume();
    await this.#pollers.resume();
  }

  async stop() {
    this.#pollers.stop();
    await this.#fleet.stop();
  }
}

const lambda: ServiceDefinition = {
  name: "lambda",
  resources: {
    [functionType]: functionResource,
    [permissionType]: permissionResource,
    [eventInvokeConfigType]: eventInvokeConfigResource,
    [mappingType]: eventSourceMappingResource,
  },
  wire: { protocol: "rest", routes },
  create: cloud => new Lambda(cloud),
};

export { lambda };
