import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Executions } from "../executions";
import type { Machines } from "../store";
import * as executionOperations from "./executions";
import * as machineOperations from "./machines";

const createOperations = (machines: Machines, executions: Executions): Service["operations"] => ({
  ...bindOperations(machines, { ...machineOperations }),
  ...bindOperations({ machines, executions }, { ...executionOperations }),
});

export { createOperations };
