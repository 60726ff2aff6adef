import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Cloud, OperationOf } from "../../../kernel/service";
import { type FunctionConfiguration, knownRuntimes, type LoggingConfiguration, runtimeRefusal } from "../function-configuration";
import {
  DEFAULT_MEMORY_MB,
  DEFAULT_STORAGE_MB,
  DEFAULT_TIMEOUT_SECONDS,
  loggingRefusal,
  rangesRefusal,
  variablesRefusal,
} from "../resources/function";
import type { Functions } from "../store";
import { unzip } from "../zip";
import { invalidParameter } from "./errors";
import { describeFunction } from "./functions";

interface Parts {
  cloud: Cloud;
  functions: Functions;
}

interface Settings {
  Runtime?: string;
  Role?: string;
  Handler?: string;
  Description?: string;
  Timeout?: number;
  MemorySize?: number;
  Environment?: { Variables?: Record<string, string> };
  DeadLetterConfig?: { TargetArn?: string };
  LoggingConfig?: LoggingSettings;
}

interface LoggingSettings {
  LogFormat?: LoggingConfiguration["format"];
  LogGroup?: string;
  ApplicationLogLevel?: string;
  SystemLogLevel?: string;
}

type CreateFunctionInput = Settings & { FunctionName: string; Code: { ZipFile?: Uint8Array | string } };

const settingNames = [
  "FunctionName",
  "Runtime",
  "Role",
  "Handler",
  "Description",
  "Timeout",
  "MemorySize",
  "Environment",
  "DeadLetterConfig",
  "LoggingConfig",
];

/** Behaves as CreateFunction; differs: accepts code as `ZipFile` only, and the function is active at once. */
const createFunction: OperationOf<Parts> = async ({ cloud, functions }, input: CreateFunctionInput, call) => {
  refuseUnknownParameters(call, input, [...settingNames, "Code", "PackageType", "Architectures", "Publish", "Tags", "TracingConfig"]);
  const arn = functions.arnOf(input.FunctionName);
  call.authorize("lambda:CreateFunction", arn);
  const name = arn.split(":").at(-1)!;
  if (functions.get(name) !== undefined)
    throw new AwsError("ResourceConflictException", `Function already exist: ${name}`, 409, { Type: "User" });
  if (!/^[\w-]{1,64}$/.test(name))
    throw invalidParameter(`FunctionName is ${JSON.stringify(name)}, but must be 1 to 64 letters, digits, hyphens and underscores.`);
  if (!input.Role || !input.Handler) throw invalidParameter("Role and Handler are required.");
  const fresh: FunctionConfiguration = {
    name,
    label: name,
    arn,
    description: "",
    runtime: "",
    handler: "",
    roleArn: "",
    timeoutSeconds: DEFAULT_TIMEOUT_SECONDS,
    memoryMb: DEFAULT_MEMORY_MB,
    architecture: "x86_64",
    ephemeralStorageMb: DEFAULT_STORAGE_MB,
    variables: {},
    tracing: "PassThrough",
    logging: { format: "Text", group: `/aws/lambda/${name}`, applicationLevel: "INFO", systemLevel: "INFO" },
    lastModified: "",
  };
  const configuration = change(fresh, input, cloud.clock.nowMs());
  const artefact = await functions.unpack(name, readZip(input.Code?.ZipFile));
  return describeFunction(await functions.deploy({ configuration, artefact, policy: [] }));
};

/** Behaves as UpdateFunctionCode; differs: as CreateFunction. */
const updateFunctionCode: OperationOf<Parts> = async (
  { cloud, functions },
  input: { FunctionName: string; ZipFile?: Uint8Array | string },
  call,
) => {
  refuseUnknownParameters(call, input, ["FunctionName", "ZipFile", "Publish"]);
  call.authorize("lambda:UpdateFunctionCode", functions.arnOf(input.FunctionName));
  const deployed = functions.find(input.FunctionName);
  const artefact = await functions.unpack(deployed.configuration.name, readZip(input.ZipFile));
  const configuration = change(deployed.configuration, {}, cloud.clock.nowMs());
  return describeFunction(await functions.deploy({ ...deployed, configuration, artefact }));
};

/** Behaves as UpdateFunctionConfiguration; differs: at the next start a declared function has its declared configuration again. */
const updateFunctionConfiguration: OperationOf<Parts> = async ({ cloud, functions }, input: Settings & { FunctionName: string }, call) => {
  refuseUnknownParameters(call, input, settingNames);
  call.authorize("lambda:UpdateFunctionConfiguration", functions.arnOf(input.FunctionName));
  const deployed = functions.find(input.FunctionName);
  const configuration = change(deployed.configuration, input, cloud.clock.nowMs());
  return describeFunction(await functions.deploy({ ...deployed, configuration }));
};

/** Behaves as DeleteFunction; differs: a declared function exists again at the next start. */
const deleteFunction: OperationOf<Parts> = async (
  { functions },
  { FunctionName, Qualifier }: { FunctionName: string; Qualifier?: string },
  call,
) => {
  call.authorize("lambda:DeleteFunction", functions.arnOf(FunctionName));
  await functions.remove(functions.find(FunctionName, Qualifier));
  return {};
};

const change = (configuration: FunctionConfiguration, settings: Settings, nowMs: number): FunctionConfiguration => {
  const { Runtime = configuration.runtime, Timeout, MemorySize, Environment, DeadLetterConfig } = settings;
  if (!knownRuntimes.includes(Runtime)) throw invalidParameter(runtimeRefusal(Runtime));
  const refusal = rangesRefusal({ timeout: Timeout, memorySize: MemorySize }) ?? variablesRefusal(Environment?.Variables);
  if (refusal !== undefined) throw invalidParameter(refusal);
  return {
    ...configuration,
    runtime: Runtime,
    roleArn: settings.Role ?? configuration.roleArn,
    handler: settings.Handler ?? configuration.handler,
    description: settings.Description ?? configuration.description,
    timeoutSeconds: Timeout ?? configuration.timeoutSeconds,
    memoryMb: MemorySize ?? configuration.memoryMb,
    variables: Environment?.Variables ?? configuration.variables,
    logging: changeLogging(configuration.logging, settings.LoggingConfig),
    // An empty ARN removes the dead-letter queue.
    deadLetterArn: DeadLetterConfig === undefined ? configuration.deadLetterArn : DeadLetterConfig.TargetArn || undefined,
    lastModified: new Date(nowMs).toISOString().replace("Z", "+0000"),
  };
};

const changeLogging = (logging: LoggingConfiguration, settings: LoggingSettings = {}): LoggingConfiguration => {
  const changed = {
    format: settings.LogFormat ?? logging.format,
    group: settings.LogGroup ?? logging.group,
    applicationLevel: settings.ApplicationLogLevel ?? logging.applicationLevel,
    systemLevel: settings.SystemLogLevel ?? logging.systemLevel,
  };
  const refusal = loggingRefusal(changed);
  if (refusal !== undefined) throw invalidParameter(refusal);
  return changed;
};

/** Over HTTP it is base64. */
const readZip = (zip: Uint8Array | string | undefined) => {
  if (zip === undefined) throw invalidParameter("The laptop cloud accepts code as ZipFile only.");
  return unzip(typeof zip === "string" ? Buffer.from(zip, "base64") : Buffer.from(zip));
};

export { createFunction, deleteFunction, updateFunctionCode, updateFunctionConfiguration };
