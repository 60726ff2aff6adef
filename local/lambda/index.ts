import { join } from "node:path";
import type { Cloud, RestRoute, Service, ServiceDefinition } from "../kernel/service";
import { type Artefact, readCode, unpack } from "./artefact";
import { buildBootstrap } from "./bootstrap-build";
import type { DeployedFunction } from "./deployed-function";
import { eventInvokeConfigResource, eventInvokeConfigurationOf } from "./event-invoke-config-resource";
import { EventQueue } from "./event-queue";
import { eventSourceMappingResource } from "./event-source-mapping";
import { Fleet } from "./fleet";
import { parseFunctionName } from "./function-configuration";
import { configurationOf, functionResource } from "./function-resource";
import { Functions } from "./functions";
import { Invoker } from "./invoker";
import { getEventSourceMapping, listEventSourceMappings, updateEventSourceMapping } from "./operations/event-source-mappings";
import {
  getFunction,
  getFunctionConcurrency,
  getFunctionConfiguration,
  getFunctionEventInvokeConfig,
  listFunctions,
} from "./operations/functions";
import { invoke, readInvoke, writeInvoke } from "./operations/invoke";
import { getPolicy } from "./operations/policy";
import { functionOf, permissionResource, statementOf } from "./permission-resource";
import { mappingType, QueuePollers } from "./queue-pollers";

const functionType = "aws:lambda/function:Function";
const permissionType = "aws:lambda/permission:Permission";
const eventInvokeConfigType = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";

const routes: RestRoute[] = [
  {
    method: "POST",
    path: "/2015-03-31/functions/{FunctionName}/invocations",
    operation: "Invoke",
    read: readInvoke,
    write: writeInvoke,
  },
  { method: "GET", path: "/2015-03-31/functions", operation: "ListFunctions" },
  { method: "GET", path: "/2015-03-31/functions/{FunctionName}", operation: "GetFunction" },
  { method: "GET", path: "/2015-03-31/functions/{FunctionName}/configuration", operation: "GetFunctionConfiguration" },
  { method: "GET", path: "/2019-09-30/functions/{FunctionName}/concurrency", operation: "GetFunctionConcurrency" },
  { method: "GET", path: "/2015-03-31/functions/{FunctionName}/policy", operation: "GetPolicy" },
  { method: "GET", path: "/2019-09-25/functions/{FunctionName}/event-invoke-config", operation: "GetFunctionEventInvokeConfig" },
  { method: "GET", path: "/2015-03-31/event-source-mappings", operation: "ListEventSourceMappings" },
  { method: "GET", path: "/2015-03-31/event-source-mappings/{UUID}", operation: "GetEventSourceMapping" },
  { method: "PUT", path: "/2015-03-31/event-source-mappings/{UUID}", operation: "UpdateEventSourceMapping", status: 202 },
];

/** AWS Lambda: functions in processes of their own, on this machine's Node. */
class Lambda implements Service {
  readonly #directory: string;
  readonly #functions: Functions;
  readonly #fleet: Fleet;
  readonly #queue: EventQueue;
  readonly #pollers: QueuePollers;
  readonly operations: Service["operations"];

  constructor(private readonly cloud: Cloud) {
    this.#directory = join(cloud.directory, "functions");
    const functions = new Functions(cloud.place);
    const fleet = new Fleet(cloud, buildBootstrap(join(this.#directory, ".bootstrap")), name => functions.get(name));
    const invoker = new Invoker(cloud, fleet);
    const queue = new EventQueue(cloud, cloud.state("lambda"), functions, invoker);
    const pollers = new QueuePollers(cloud, functions, invoker);
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
      GetPolicy: getPolicy(functions),
      GetFunctionEventInvokeConfig: getFunctionEventInvokeConfig(functions),
      ListEventSourceMappings: listEventSourceMappings(cloud, pollers),
      GetEventSourceMapping: getEventSourceMapping(cloud, pollers),
      UpdateEventSourceMapping: updateEventSourceMapping(cloud, pollers),
    };
  }

  async start() {
    await this.#deployDeclared();
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

  async #deployDeclared() {
    const { inventory, place, clock } = this.cloud;
    for (const resource of inventory.ofType(functionType)) {
      const configuration = configurationOf(resource, place, clock.nowMs());
      const artefact = await this.#unpack(configuration.name, resource.inputs["code"]);
      const deployed: DeployedFunction = { configuration, artefact, policy: [] };
      for (const permission of inventory.ofType(permissionType)) {
        if (functionOf(permission) === configuration.name) deployed.policy.push(statementOf(permission, configuration.arn));
      }
      for (const config of inventory.ofType(eventInvokeConfigType)) {
        if (parseFunctionName(config.inputs["functionName"]).name === configuration.name)
          deployed.eventInvoke = eventInvokeConfigurationOf(config);
      }
      this.#functions.put(deployed);
    }
  }

  async #unpack(name: string, code: Parameters<typeof readCode>[0]): Promise<Artefact> {
    try {
      return await unpack(join(this.#directory, name), await readCode(code));
    } catch (error) {
      throw new Error(`The code of the function "${name}" can't be deployed: ${(error as Error).message}`, { cause: error });
    }
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
