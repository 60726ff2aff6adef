import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import type { DeployedFunction } from "../deployed-function";
import { DEFAULT_EVENT_INVOKE, type EventInvokeConfiguration } from "../function-configuration";
import { eventInvokeConfigurationOf, eventInvokeRefusal } from "../resources/event-invoke-config";
import type { Functions } from "../store";
import { invalidParameter, resourceNotFound } from "./errors";

interface ConfigInput {
  FunctionName: string;
  MaximumRetryAttempts?: number;
  MaximumEventAgeInSeconds?: number;
  DestinationConfig?: { OnSuccess?: { Destination?: string }; OnFailure?: { Destination?: string } };
}

const inputNames = ["FunctionName", "MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"];

const describe = ({ configuration }: DeployedFunction, eventInvoke: EventInvokeConfiguration) => {
  const destination = (target: string | undefined) => (target === undefined ? {} : { Destination: target });
  return {
    LastModified: Math.floor(Date.parse(configuration.lastModified) / 1000),
    FunctionArn: `${configuration.arn}:$LATEST`,
    MaximumRetryAttempts: eventInvoke.maximumRetryAttempts,
    MaximumEventAgeInSeconds: eventInvoke.maximumEventAgeSeconds,
    DestinationConfig: { OnSuccess: destination(eventInvoke.onSuccessArn), OnFailure: destination(eventInvoke.onFailureArn) },
  };
};

/** The configuration, as the program would declare it. Throws `AwsError` InvalidParameterValueException. */
const readConfig = ({ MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig }: ConfigInput): EventInvokeConfiguration => {
  const inputs = {
    maximumRetryAttempts: MaximumRetryAttempts,
    maximumEventAgeInSeconds: MaximumEventAgeInSeconds,
    destinationConfig: {
      onSuccess: { destination: DestinationConfig?.OnSuccess?.Destination },
      onFailure: { destination: DestinationConfig?.OnFailure?.Destination },
    },
  };
  const refusal = eventInvokeRefusal(inputs);
  if (refusal !== undefined) throw invalidParameter(`${refusal}.`);
  return eventInvokeConfigurationOf(inputs);
};

const getFunctionEventInvokeConfig: OperationOf<Functions> = async (
  functions,
  { FunctionName, Qualifier }: { FunctionName: string; Qualifier?: string },
  call,
) => {
  const arn = functions.arnOf(FunctionName);
  call.authorize("lambda:GetFunctionEventInvokeConfig", arn);
  const deployed = functions.find(FunctionName, Qualifier);
  if (deployed.eventInvoke === undefined) throw resourceNotFound(`The function ${arn} doesn't have an EventInvokeConfig`);
  return describe(deployed, deployed.eventInvoke);
};

/** Behaves as PutFunctionEventInvokeConfig; differs: at the next start a declared function has its declared configuration again. */
const putFunctionEventInvokeConfig: OperationOf<Functions> = async (functions, input: ConfigInput, call) => {
  refuseUnknownParameters(call, input, inputNames);
  call.authorize("lambda:PutFunctionEventInvokeConfig", functions.arnOf(input.FunctionName));
  const deployed = functions.find(input.FunctionName);
  const eventInvoke = readConfig(input);
  await functions.keep({ ...deployed, eventInvoke });
  return describe(deployed, eventInvoke);
};

/** Behaves as UpdateFunctionEventInvokeConfig; differs: as PutFunctionEventInvokeConfig. */
const updateFunctionEventInvokeConfig: OperationOf<Functions> = async (functions, input: ConfigInput, call) => {
  refuseUnknownParameters(call, input, inputNames);
  call.authorize("lambda:UpdateFunctionEventInvokeConfig", functions.arnOf(input.FunctionName));
  const deployed = functions.find(input.FunctionName);
  const read = readConfig(input);
  const eventInvoke = {
    ...DEFAULT_EVENT_INVOKE,
    ...deployed.eventInvoke,
    ...(input.MaximumRetryAttempts === undefined ? {} : { maximumRetryAttempts: read.maximumRetryAttempts }),
    ...(input.MaximumEventAgeInSeconds === undefined ? {} : { maximumEventAgeSeconds: read.maximumEventAgeSeconds }),
    ...(input.DestinationConfig === undefined ? {} : { onSuccessArn: read.onSuccessArn, onFailureArn: read.onFailureArn }),
  };
  await functions.keep({ ...deployed, eventInvoke });
  return describe(deployed, eventInvoke);
};

/** Behaves as DeleteFunctionEventInvokeConfig; differs: as PutFunctionEventInvokeConfig. */
const deleteFunctionEventInvokeConfig: OperationOf<Functions> = async (functions, { FunctionName }: { FunctionName: string }, call) => {
  call.authorize("lambda:DeleteFunctionEventInvokeConfig", functions.arnOf(FunctionName));
  const { eventInvoke, ...deployed } = functions.find(FunctionName);
  if (eventInvoke === undefined) throw resourceNotFound();
  await functions.keep(deployed);
  return {};
};

export { deleteFunctionEventInvokeConfig, getFunctionEventInvokeConfig, putFunctionEventInvokeConfig, updateFunctionEventInvokeConfig };
