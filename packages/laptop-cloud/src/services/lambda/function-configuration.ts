import type { Place } from "../../kernel/service";

/** The configuration of a function, declared by the program or created by an API call. JSON, so that it can be stored. */
interface FunctionConfiguration {
  name: string;
  /** Its Pulumi name, or its own name if an API call created it. */
  label: string;
  arn: string;
  description: string;
  runtime: string;
  handler: string;
  roleArn: string;
  timeoutSeconds: number;
  memoryMb: number;
  architecture: string;
  ephemeralStorageMb: number;
  variables: Record<string, string>;
  /** Queue or topic for events that could not be processed. */
  deadLetterArn?: string;
  /** Absent: unreserved. */
  reservedConcurrency?: number;
  tracing: "Active" | "PassThrough";
  logging: LoggingConfiguration;
  /** ISO 8601, as the API shows it. */
  lastModified: string;
}

interface LoggingConfiguration {
  format: "Text" | "JSON";
  group: string;
  /** Minimum levels of the function's log lines and of Lambda's; JSON format only. */
  applicationLevel: string;
  systemLevel: string;
}

/** Settings of asynchronous invocations (`FunctionEventInvokeConfig`). */
interface EventInvokeConfiguration {
  maximumRetryAttempts: number;
  maximumEventAgeSeconds: number;
  onSuccessArn?: string;
  onFailureArn?: string;
}

/** Lambda, "Configuring error handling settings for asynchronous invocations": two retries, six hours. */
const DEFAULT_EVENT_INVOKE: EventInvokeConfiguration = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

/** The supported runtimes. Differs from AWS: all of them run on this machine's Node. */
const knownRuntimes = ["nodejs20.x", "nodejs22.x", "nodejs24.x"];

/** Up to Node.js 18 (Lambda, "Runtimes", deprecated ones). */
const deprecatedRuntime = /^nodejs(\d|1\d)?(\.|$)/;

const runtimeRefusal = (runtime: unknown) => {
  const deprecated = deprecatedRuntime.test(String(runtime)) ? ", which AWS has deprecated" : "";
  return `runtime is ${JSON.stringify(runtime)}${deprecated}: the laptop cloud takes ${knownRuntimes.join(", ")}, and runs each on the machine's own Node.`;
};

const arnOfFunction = ({ region, account }: Pick<Place, "region" | "account">, name: string) =>
  `arn:aws:lambda:${region}:${account}:function:${name}`;

/** Parses a name, an ARN or a partial ARN, each with or without a qualifier (Invoke, "FunctionName"). */
const parseFunctionName = (given: string): { name: string; qualifier?: string } => {
  const parts = given.split(":");
  const rest = given.startsWith("arn:") ? parts.slice(6) : parts[1] === "function" ? parts.slice(2) : parts;
  return { name: rest[0] ?? "", qualifier: rest[1] };
};

export type { EventInvokeConfiguration, FunctionConfiguration, LoggingConfiguration };
export { arnOfFunction, DEFAULT_EVENT_INVOKE, knownRuntimes, parseFunctionName, runtimeRefusal };
