import { acts, inert } from "../../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../../kernel/service";
import {
  arnOfFunction,
  type FunctionConfiguration,
  knownRuntimes,
  type LoggingConfiguration,
  runtimeRefusal,
} from "../function-configuration";

const lambdaFunction: ResourceKind = {
  properties: {
    ...acts("code", "deadLetterConfig", "description", "environment", "handler", "loggingConfig", "memorySize", "name"),
    ...acts("packageType", "reservedConcurrentExecutions", "role", "runtime", "timeout"),
    ...inert("the code runs on this machine's architecture", "architectures"),
    ...inert("the code is read as it is", "codeSha256", "sourceCodeHash"),
    ...inert("functions use this machine's /tmp", "ephemeralStorage"),
    ...inert("variables are only in memory", "kmsKeyArn"),
    ...inert("there is one version, $LATEST", "publish"),
    ...inert("nothing is destroyed here", "skipDestroy"),
    ...inert("shown only", "tags", "tagsAll"),
    ...inert("every invocation is traced", "tracingConfig"),
    ...inert("there is no propagation", "useResourceTimeoutForPropagation"),
  },

  check({ inputs }) {
    if (inputs["packageType"] === "Image") return `packageType is "Image": the laptop cloud runs packages of type "Zip"`;
    if (inputs["code"] === undefined) return "code is missing: the laptop cloud accepts only archives that the program declares";
    if (!inputs["handler"]) return "handler is missing";
    if (!knownRuntimes.includes(inputs["runtime"])) return runtimeRefusal(inputs["runtime"]);
    const refusal = rangesRefusal(inputs) ?? variablesRefusal(inputs["environment"]?.variables);
    return refusal ?? loggingRefusal(readLogging(inputs)) ?? checkTarget(inputs["deadLetterConfig"]?.targetArn);
  },

  outputs({ name, inputs }, place) {
    const functionName = inputs["name"] ?? name;
    const { format, group, applicationLevel, systemLevel } = readLogging(inputs, functionName);
    const arn = arnOfFunction(place, functionName);
    const invokeArn = `arn:aws:apigateway:${place.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    return {
      id: functionName,
      name: functionName,
      arn,
      invokeArn,
      qualifiedArn: `${arn}:$LATEST`,
      qualifiedInvokeArn: invokeArn.replace(arn, `${arn}:$LATEST`),
      responseStreamingInvokeArn: invokeArn.replace("2015-03-31", "2021-11-15").replace("/invocations", "/response-streaming-invocations"),
      version: "$LATEST",
      timeout: inputs["timeout"] ?? DEFAULT_TIMEOUT_SECONDS,
      memorySize: inputs["memorySize"] ?? DEFAULT_MEMORY_MB,
      loggingConfig: { logFormat: format, logGroup: group, applicationLogLevel: applicationLevel, systemLogLevel: systemLevel },
    };
  },
};

/** Lambda, "Configure function settings". */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MB = 128;
const DEFAULT_STORAGE_MB = 512;
const ranges: Record<string, [number, number]> = { timeout: [1, 900], memorySize: [128, 10_240], reservedConcurrentExecutions: [-1, 1000] };

/** A sentence about the first value that AWS would refuse. */
const rangesRefusal = (inputs: Record<string, unknown>): string | undefined => {
  for (const [property, [least, most]] of Object.entries(ranges)) {
    const value = inputs[property];
    if (value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)) continue;
    return `${property} is ${JSON.stringify(value)}, but must be a whole number from ${least} to ${most}`;
  }
  return undefined;
};

/** Lambda, "Defined runtime environment variables": the reserved ones. */
const RESERVED_VARIABLES = [
  ...["_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME"],
  ...["AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME"],
  ...["AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
  ...["AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"],
];
/** Lambda, "Quotas": all names and values together. */
const MAX_VARIABLES_BYTES = 4096;

/** A sentence about the first environment variable that AWS would refuse. */
const variablesRefusal = (variables: Record<string, string> = {}): string | undefined => {
  const reserved = Object.keys(variables).find(name => RESERVED_VARIABLES.includes(name));
  if (reserved !== undefined) return `the environment variable ${reserved} is reserved: Lambda sets it`;
  const invalid = Object.keys(variables).find(name => !/^[a-zA-Z]\w+$/.test(name));
  if (invalid !== undefined)
    return `the environment variable ${JSON.stringify(invalid)} must have two or more letters, digits and underscores, and begin with a letter`;
  const bytes = Buffer.byteLength(Object.entries(variables).flat().join(""));
  return bytes > MAX_VARIABLES_BYTES
    ? `the environment variables have ${bytes} bytes, but at most ${MAX_VARIABLES_BYTES} are allowed`
    : undefined;
};

/** Lambda API reference, "LoggingConfig". */
const APPLICATION_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const SYSTEM_LEVELS = ["DEBUG", "INFO", "WARN"];

/** A sentence about the first value that AWS would refuse. */
const loggingRefusal = ({ format, group, applicationLevel, systemLevel }: LoggingConfiguration): string | undefined => {
  if (format !== "Text" && format !== "JSON") return `The log format is ${JSON.stringify(format)}, but must be "Text" or "JSON"`;
  if (!/^[\w./#-]{1,512}$/.test(group)) return `The log group is ${JSON.stringify(group)}, but must be 1 to 512 letters, digits and ._-/#`;
  if (!APPLICATION_LEVELS.includes(applicationLevel))
    return `The application log level is ${JSON.stringify(applicationLevel)}, but must be one of ${APPLICATION_LEVELS.join(", ")}`;
  if (!SYSTEM_LEVELS.includes(systemLevel))
    return `The system log level is ${JSON.stringify(systemLevel)}, but must be one of ${SYSTEM_LEVELS.join(", ")}`;
  return undefined;
};

/** A function without a log group of its own has one that is named after it. */
const readLogging = ({ loggingConfig = {} }: Declared["inputs"], name = "function"): LoggingConfiguration => ({
  format: loggingConfig.logFormat ?? "Text",
  group: loggingConfig.logGroup || `/aws/lambda/${name}`,
  applicationLevel: loggingConfig.applicationLogLevel || "INFO",
  systemLevel: loggingConfig.systemLogLevel || "INFO",
});

const checkTarget = (arn: string | undefined): string | undefined =>
  arn === undefined || /^arn:aws:(sqs|sns):/.test(arn)
    ? undefined
    : `deadLetterConfig.targetArn is ${JSON.stringify(arn)}, but must be the ARN of a queue or a topic`;

/** The configuration of a declared function. Each start reads it again and discards changes made by API calls. */
const configurationOf = ({ name: label, inputs }: Declared, place: Place, nowMs: number): FunctionConfiguration => {
  const name: string = inputs["name"] ?? label;
  const reserved: number | undefined = inputs["reservedConcurrentExecutions"];
  return {
    name,
    label,
    arn: arnOfFunction(place, name),
    description: inputs["description"] ?? "",
    runtime: inputs["runtime"],
    handler: inputs["handler"],
    roleArn: inputs["role"],
    timeoutSeconds: inputs["timeout"] ?? DEFAULT_TIMEOUT_SECONDS,
    memoryMb: inputs["memorySize"] ?? DEFAULT_MEMORY_MB,
    architecture: inputs["architectures"]?.[0] ?? "x86_64",
    ephemeralStorageMb: inputs["ephemeralStorage"]?.size ?? DEFAULT_STORAGE_MB,
    variables: inputs["environment"]?.variables ?? {},
    deadLetterArn: inputs["deadLetterConfig"]?.targetArn,
    // The provider's -1 means none.
    reservedConcurrency: reserved === -1 ? undefined : reserved,
    tracing: inputs["tracingConfig"]?.mode ?? "PassThrough",
    logging: readLogging(inputs, name),
    lastModified: new Date(nowMs).toISOString().replace("Z", "+0000"),
  };
};

export {
  configurationOf,
  DEFAULT_MEMORY_MB,
  DEFAULT_STORAGE_MB,
  DEFAULT_TIMEOUT_SECONDS,
  lambdaFunction,
  loggingRefusal,
  rangesRefusal,
  variablesRefusal,
};
