import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import type { Functions } from "../store";
import { invalidParameter } from "./errors";

const getFunctionConcurrency: OperationOf<Functions> = async (functions, { FunctionName }: { FunctionName: string }, call) => {
  call.authorize("lambda:GetFunctionConcurrency", functions.arnOf(FunctionName));
  const { reservedConcurrency } = functions.find(FunctionName).configuration;
  return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
};

/** Behaves as PutFunctionConcurrency; differs: at the next start a declared function has its declared concurrency again. */
const putFunctionConcurrency: OperationOf<Functions> = async (
  functions,
  input: { FunctionName: string; ReservedConcurrentExecutions?: number },
  call,
) => {
  refuseUnknownParameters(call, input, ["FunctionName", "ReservedConcurrentExecutions"]);
  call.authorize("lambda:PutFunctionConcurrency", functions.arnOf(input.FunctionName));
  const deployed = functions.find(input.FunctionName);
  const { ReservedConcurrentExecutions: reservedConcurrency } = input;
  if (reservedConcurrency === undefined || !Number.isInteger(reservedConcurrency) || reservedConcurrency < 0)
    throw invalidParameter(`ReservedConcurrentExecutions is ${JSON.stringify(reservedConcurrency)}, but must be a whole number from 0 up.`);
  await functions.deploy({ ...deployed, configuration: { ...deployed.configuration, reservedConcurrency } });
  return { ReservedConcurrentExecutions: reservedConcurrency };
};

/** Behaves as DeleteFunctionConcurrency; differs: as PutFunctionConcurrency. */
const deleteFunctionConcurrency: OperationOf<Functions> = async (functions, { FunctionName }: { FunctionName: string }, call) => {
  call.authorize("lambda:DeleteFunctionConcurrency", functions.arnOf(FunctionName));
  const deployed = functions.find(FunctionName);
  const { reservedConcurrency, ...configuration } = deployed.configuration;
  await functions.deploy({ ...deployed, configuration });
  return {};
};

export { deleteFunctionConcurrency, getFunctionConcurrency, putFunctionConcurrency };
