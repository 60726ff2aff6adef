import { randomUUID } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import type { Call, OperationOf } from "../../../kernel/service";
import type { ExecutionRecord } from "../execution";
import type { Executions } from "../executions";
import { withoutData } from "../history";
import { parseExecutionArn, verifyName } from "../names";
import { type Paging, pageOf } from "../page-token";
import type { Machines } from "../store";

interface ExecutionAddress {
  executionArn: string;
}

interface Parts {
  machines: Machines;
  executions: Executions;
}

/** "Quotas related to state machine executions": 256 KB of input. */
const MAX_INPUT_BYTES = 262_144;

const startExecution: OperationOf<Parts> = async (
  { machines, executions },
  { stateMachineArn, name = randomUUID(), input = "{}" }: { stateMachineArn: string; name?: string; input?: string },
  call,
) => {
  call.authorize("states:StartExecution", stateMachineArn);
  const machine = machines.find(stateMachineArn);
  verifyName(name);
  verifyInput(input);
  const { executionArn, startMs } = await executions.start(machine, name, input, call.caller.trace);
  return { executionArn, startDate: startMs / 1000 };
};

const stopExecution: OperationOf<Parts> = async (
  { executions },
  { executionArn, error, cause }: ExecutionAddress & { error?: string; cause?: string },
  call,
) => {
  const record = find(executions, executionArn, call, "states:StopExecution");
  await executions.abort(record, error, cause);
  return { stopDate: (record.stopMs ?? 0) / 1000 };
};

const describeExecution: OperationOf<Parts> = async ({ executions }, { executionArn }: ExecutionAddress, call) => {
  const { input, output, error, cause, ...record } = find(executions, executionArn, call, "states:DescribeExecution");
  return {
    ...summaryOf(record),
    input,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    redriveCount: 0,
    redriveStatus: "NOT_REDRIVABLE",
  };
};

const describeStateMachineForExecution: OperationOf<Parts> = async ({ executions }, { executionArn }: ExecutionAddress, call) => {
  const { stateMachineArn, machine, definition, roleArn, startMs } = find(
    executions,
    executionArn,
    call,
    "states:DescribeStateMachineForExecution",
  );
  return { stateMachineArn, name: machine, definition, roleArn, updateDate: startMs / 1000 };
};

/** Behaves as ListExecutions (AWS Step Functions API Reference): newest first. */
const listExecutions: OperationOf<Parts> = async (
  { machines, executions },
  { stateMachineArn, statusFilter, ...paging }: { stateMachineArn: string; statusFilter?: string } & Paging,
  call,
) => {
  call.authorize("states:ListExecutions", stateMachineArn);
  const { name } = machines.find(stateMachineArn);
  const all = executions.ofMachine(name).filter(({ status }) => statusFilter === undefined || status === statusFilter);
  const { page, ...more } = pageOf(all, paging, 100);
  return { executions: page.map(summaryOf), ...more };
};

const getExecutionHistory: OperationOf<Parts> = async (
  { executions },
  { executionArn, reverseOrder, includeExecutionData = true, ...paging }: ExecutionAddress & HistoryInput,
  call,
) => {
  const events = await executions.history(find(executions, executionArn, call, "states:GetExecutionHistory"));
  const { page, ...more } = pageOf(reverseOrder === true ? events.reverse() : events, paging, 100);
  return { events: includeExecutionData ? page : page.map(withoutData), ...more };
};

/** Throws `AwsError` InvalidArn, ExecutionDoesNotExist. */
const find = (executions: Executions, arn: string, call: Call, action: string): ExecutionRecord => {
  call.authorize(action, arn);
  return executions.find(parseExecutionArn(arn), arn);
};

interface HistoryInput extends Paging {
  reverseOrder?: boolean;
  includeExecutionData?: boolean;
}

const summaryOf = (record: Pick<ExecutionRecord, "executionArn" | "stateMachineArn" | "name" | "status" | "startMs" | "stopMs">) => ({
  executionArn: record.executionArn,
  stateMachineArn: record.stateMachineArn,
  name: record.name,
  status: record.status,
  startDate: record.startMs / 1000,
  ...(record.stopMs === undefined ? {} : { stopDate: record.stopMs / 1000 }),
});

const verifyInput = (input: string) => {
  if (Buffer.byteLength(input) > MAX_INPUT_BYTES)
    throw new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: more than ${MAX_INPUT_BYTES} bytes`);
  try {
    JSON.parse(input);
  } catch (error) {
    throw new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
};

export { describeExecution, describeStateMachineForExecution, getExecutionHistory, listExecutions, startExecution, stopExecution };
