import type { ServiceDefinition } from "../../kernel/service";
import { Executions } from "./executions";
import { createOperations } from "./operations";
import { resources } from "./resources";
import { Machines } from "./store";

/** AWS Step Functions: standard state machines in JSONPath, whose executions survive a restart of the cloud. */
const states: ServiceDefinition = {
  name: "states",
  wire: { protocol: "aws-json", version: "1.0", target: "AWSStepFunctions" },
  resources,
  create: cloud => {
    const state = cloud.state("states");
    const machines = new Machines(cloud, state);
    const executions = new Executions(cloud, state);
    return {
      start: async () => {
        await machines.load();
        await executions.load();
      },
      resume: () => executions.resume(),
      stop: () => executions.stop(),
      operations: createOperations(machines, executions),
    };
  },
};

export { states };
