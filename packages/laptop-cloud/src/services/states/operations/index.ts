import type { Service } from "../../../kernel/service";
import type { Executions } from "../executions";
import type { Machines } from "../store";
import {
  describeExecution,
  describeStateMachineForExecution,
  getExecutionHistory,
  listExecutions,
  startExecution,
  stopExecution,
} from "./executions";
import {
  createStateMachine,
  deleteStateMachine,
  describeStateMachine,
  listStateMachines,
  startSyncExecution,
  updateStateMachine,
  validateStateMachineDefinition,
} from "./machines";

/** The operations by the names that AWS gives them. */
const createOperations = (machines: Machines, executions: Executions): Service["operations"] => ({
  CreateStateMachine: createStateMachine(machines),
  UpdateStateMachine: updateStateMachine(machines),
  DeleteStateMachine: deleteStateMachine(machines),
  DescribeStateMachine: describeStateMachine(machines),
  ListStateMachines: listStateMachines(machines),
  ValidateStateMachineDefinition: validateStateMachineDefinition,
  StartSyncExecution: startSyncExecution,
  StartExecution: startExecution(machines, executions),
  StopExecution: stopExecution(executions),
  DescribeExecution: describeExecution(executions),
  DescribeStateMachineForExecution: describeStateMachineForExecution(executions),
  ListExecutions: listExecutions(machines, executions),
  GetExecutionHistory: getExecutionHistory(executions),
});

export { createOperations };
