import type { Cloud, Service } from "../../../kernel/service";
import type { EventQueue } from "../event-queue";
import type { Invoker } from "../invoker";
import type { QueuePollers } from "../queue-pollers";
import type { Functions } from "../store";
import { getAccountSettings } from "./account-settings";
import { deleteFunctionConcurrency, getFunctionConcurrency, putFunctionConcurrency } from "./concurrency";
import { createFunction, deleteFunction, updateFunctionCode, updateFunctionConfiguration } from "./deploy";
import {
  deleteFunctionEventInvokeConfig,
  getFunctionEventInvokeConfig,
  putFunctionEventInvokeConfig,
  updateFunctionEventInvokeConfig,
} from "./event-invoke-config";
import {
  createEventSourceMapping,
  deleteEventSourceMapping,
  getEventSourceMapping,
  listEventSourceMappings,
  updateEventSourceMapping,
} from "./event-source-mappings";
import { getFunction, getFunctionConfiguration, listFunctions } from "./functions";
import { invoke } from "./invoke";
import { addPermission, getPolicy, removePermission } from "./policy";
import { readInvocation, runAgain } from "./run-again";

interface Parts {
  cloud: Cloud;
  functions: Functions;
  invoker: Invoker;
  queue: EventQueue;
  pollers: QueuePollers;
}

/** The operations by the names that AWS gives them. */
const createOperations = ({ cloud, functions, invoker, queue, pollers }: Parts): Service["operations"] => ({
  Invoke: invoke(cloud, functions, invoker, queue),
  GetAccountSettings: getAccountSettings(functions),
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
  "laptop:ReadInvocation": readInvocation(functions, invoker),
  "laptop:RunAgain": runAgain(cloud, functions, invoker),
});

export { createOperations };
