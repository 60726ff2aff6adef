import { notImitated } from "../../../kernel/aws-error";
import { readPageSize } from "../../../kernel/paginate";
import type { OperationOf } from "../../../kernel/service";
import type { DeployedFunction } from "../deployed-function";
import type { Functions } from "../store";

interface Named {
  FunctionName: string;
  Qualifier?: string;
}

const describeFunction = ({ configuration, artefact }: DeployedFunction) => ({
  FunctionName: configuration.name,
  FunctionArn: configuration.arn,
  Runtime: configuration.runtime,
  Role: configuration.roleArn,
  Handler: configuration.handler,
  CodeSize: artefact.codeSizeBytes,
  CodeSha256: artefact.codeSha256,
  Description: configuration.description,
  Timeout: configuration.timeoutSeconds,
  MemorySize: configuration.memoryMb,
  LastModified: configuration.lastModified,
  Version: "$LATEST",
  Environment: { Variables: configuration.variables },
  TracingConfig: { Mode: configuration.tracing },
  State: "Active",
  LastUpdateStatus: "Successful",
  PackageType: "Zip",
  Architectures: [configuration.architecture],
  EphemeralStorage: { Size: configuration.ephemeralStorageMb },
  ...(configuration.deadLetterArn === undefined ? {} : { DeadLetterConfig: { TargetArn: configuration.deadLetterArn } }),
  LoggingConfig: {
    LogFormat: configuration.logging.format,
    LogGroup: configuration.logging.group,
    ...(configuration.logging.format === "JSON"
      ? { ApplicationLogLevel: configuration.logging.applicationLevel, SystemLogLevel: configuration.logging.systemLevel }
      : {}),
  },
});

/** Behaves as GetFunction; differs: `Code.Location` is the folder of the unpacked code. */
const getFunction: OperationOf<Functions> = async (functions, { FunctionName, Qualifier }: Named, call) => {
  call.authorize("lambda:GetFunction", functions.arnOf(FunctionName));
  const deployed = functions.find(FunctionName, Qualifier);
  const { reservedConcurrency } = deployed.configuration;
  return {
    Configuration: describeFunction(deployed),
    Code: { RepositoryType: "LOCAL", Location: `file://${deployed.artefact.taskRoot}` },
    ...(reservedConcurrency === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
  };
};

const getFunctionConfiguration: OperationOf<Functions> = async (functions, { FunctionName, Qualifier }: Named, call) => {
  call.authorize("lambda:GetFunctionConfiguration", functions.arnOf(FunctionName));
  return describeFunction(functions.find(FunctionName, Qualifier));
};

/** Behaves as ListFunctions; differs: `FunctionVersion: "ALL"` lists the one version, $LATEST. */
const listFunctions: OperationOf<Functions> = async (
  functions,
  { Marker, MaxItems, MasterRegion }: { Marker?: string; MaxItems?: string | number; MasterRegion?: string },
  call,
) => {
  call.authorize("lambda:ListFunctions", "*");
  if (MasterRegion !== undefined) throw notImitated("MasterRegion of ListFunctions: there is one region");
  const start = Number(Marker ?? 0);
  const count = readPageSize(MaxItems, 50);
  const all = functions.all();
  const next = start + count;
  return { Functions: all.slice(start, next).map(describeFunction), ...(next < all.length ? { NextMarker: String(next) } : {}) };
};

export { describeFunction, getFunction, getFunctionConfiguration, listFunctions };
