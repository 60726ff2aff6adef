import { bindOperations } from "../../../kernel/operations";
import type { Cloud, Service } from "../../../kernel/service";
import type { EventQueue } from "../event-queue";
import type { Invoker } from "../invoker";
import type { QueuePollers } from "../queue-pollers";
import type { Functions } from "../store";
import * as accountSettings from "./account-settings";
import * as concurrency from "./concurrency";
import * as deploy from "./deploy";
import * as eventInvokeConfig from "./event-invoke-config";
import * as eventSourceMappings from "./event-source-mappings";
import { getFunction, getFunctionConfiguration, listFunctions } from "./functions";
import { invoke } from "./invoke";
import * as policy from "./policy";
import { readInvocation, runAgain } from "./run-again";

interface Parts {
  cloud: Cloud;
  functions: Functions;
  invoker: Invoker;
  queue: EventQueue;
  pollers: QueuePollers;
}

const createOperations = (parts: Parts): Service["operations"] => ({
  ...bindOperations(parts.functions, {
    ...accountSettings,
    ...concurrency,
    ...eventInvokeConfig,
    ...policy,
    getFunction,
    getFunctionConfiguration,
    listFunctions,
  }),
  ...bindOperations({ ...parts, mappings: parts.pollers }, { ...deploy, ...eventSourceMappings }),
  ...bindOperations(parts, { invoke, "laptop:ReadInvocation": readInvocation, "laptop:RunAgain": runAgain }),
});

export { createOperations };
