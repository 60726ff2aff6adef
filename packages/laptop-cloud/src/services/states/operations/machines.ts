import { AwsError, notImitated } from "../../../kernel/aws-error";
import type { OperationOf } from "../../../kernel/service";
import { BadDefinition, parseDefinition } from "../definition";
import { verifyName } from "../names";
import { type Paging, pageOf } from "../page-token";
import type { MachineRecord, Machines } from "../store";

interface MachineAddress {
  stateMachineArn: string;
}

/** Behaves as CreateStateMachine (AWS Step Functions API Reference); differs: no express machines, no versions. */
const createStateMachine: OperationOf<Machines> = async (
  machines,
  input: { name: string; definition: string; roleArn: string; type?: string; publish?: boolean },
  call,
) => {
  call.authorize("states:CreateStateMachine", "*");
  verifyName(input.name);
  if (input.type !== undefined && input.type !== "STANDARD") throw notImitated(`state machines of type ${input.type}`);
  if (input.publish === true) throw notImitated("versions of state machines (publish)");
  const { stateMachineArn, createdMs } = await machines.create(input.name, input.definition, input.roleArn);
  return { stateMachineArn, creationDate: createdMs / 1000 };
};

/** Behaves as UpdateStateMachine (AWS Step Functions API Reference); a restart restores what the program declares. */
const updateStateMachine: OperationOf<Machines> = async (
  machines,
  { stateMachineArn, definition, roleArn }: MachineAddress & { definition?: string; roleArn?: string },
  call,
) => {
  call.authorize("states:UpdateStateMachine", stateMachineArn);
  await machines.update(machines.find(stateMachineArn), { definition, roleArn });
  return { updateDate: machines.nowMs() / 1000 };
};

/** Behaves as DeleteStateMachine (AWS Step Functions API Reference); differs: running executions continue. */
const deleteStateMachine: OperationOf<Machines> = async (machines, { stateMachineArn }: MachineAddress, call) => {
  call.authorize("states:DeleteStateMachine", stateMachineArn);
  await machines.remove(stateMachineArn);
  return {};
};

const describeStateMachine: OperationOf<Machines> = async (machines, { stateMachineArn }: MachineAddress, call) => {
  call.authorize("states:DescribeStateMachine", stateMachineArn);
  const { definition, roleArn, ...machine } = machines.find(stateMachineArn);
  return { ...summaryOf(machine), status: "ACTIVE", definition, roleArn };
};

const listStateMachines: OperationOf<Machines> = async (machines, paging: Paging, call) => {
  call.authorize("states:ListStateMachines", "*");
  const { page, ...more } = pageOf(machines.all(), paging, 100);
  return { stateMachines: page.map(summaryOf), ...more };
};

/** Behaves as ValidateStateMachineDefinition (AWS Step Functions API Reference); differs: reports only the first error and no warnings. */
const validateStateMachineDefinition: OperationOf<unknown> = async (_machines, { definition }: { definition: string }, call) => {
  call.authorize("states:ValidateStateMachineDefinition", "*");
  try {
    parseDefinition(definition);
    return { result: "OK", diagnostics: [], truncated: false };
  } catch (error) {
    if (!(error instanceof BadDefinition)) throw error;
    return {
      result: "FAIL",
      diagnostics: [{ severity: "ERROR", code: "SCHEMA_VALIDATION_FAILED", message: error.message }],
      truncated: false,
    };
  }
};

/** Always refuses: synchronous executions need express machines, which are not imitated. */
const startSyncExecution: OperationOf<unknown> = async () => {
  throw new AwsError(
    "StateMachineTypeNotSupported",
    "StartSyncExecution runs express state machines; the laptop cloud imitates standard ones.",
  );
};

const summaryOf = ({ stateMachineArn, name, createdMs }: Pick<MachineRecord, "stateMachineArn" | "name" | "createdMs">) => ({
  stateMachineArn,
  name,
  type: "STANDARD",
  creationDate: createdMs / 1000,
});

export {
  createStateMachine,
  deleteStateMachine,
  describeStateMachine,
  listStateMachines,
  startSyncExecution,
  updateStateMachine,
  validateStateMachineDefinition,
};
