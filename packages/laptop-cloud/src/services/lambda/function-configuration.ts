import type { Place } from "../../kernel/service";

/** A function, whoever made it: the program or somebody at the API. JSON, so that it can be kept. */
interface FunctionConfiguration {
  name: string;
  /** Its Pulumi name; its own name where the API made it. */
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
  /** Least levels of the function's own lines and of Lambda's; JSON format only. */
  applicationLevel: string;
  systemLevel: string;
}

/** What an asynchronous invocation goes by (`FunctionEventInvokeConfig`). */
interface EventInvokeConfiguration {
  maximumRetryAttempts: number;
  maximumEventAgeSeconds: number;
  onSuccessArn?: string;
  onFailureArn?: string;
}

/** Lambda, "Configuring error handling settings for asynchronous invocations": two retries, six hours. */
const usualEventInvoke: EventInvokeConfiguration = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

/** The runtimes that are taken. Differs from AWS: all run on this machine's Node. */
const knownRuntimes = ["nodejs20.x", "nodejs22.x", "nodejs24.x"];

const runtimeRefusal = (runtime: unknown) =>
  `runtime is ${JSON.stringify(runtime)}: the laptop cloud takes ${knownRuntimes.join(", ")}, and runs each on the machine's own Node`;

const arnOfFunction = ({ region, account }: Pick<Place, "region" | "account">, name: string) =>
  `arn:aws:lambda:${region}:${account}:function:${name}`;

/** Takes a name, an ARN or a part of one, each with or without a qualifier (Invoke, "FunctionName"). */
const parseFunctionName = (given: string): { name: string; qualifier?: string } => {
  const parts = given.split(":");
  const rest = given.startsWith("arn:") ? parts.slice(6) : parts[1] === "function" ? parts.slice(2) : parts;
  return { name: rest[0] ?? "", qualifier: rest[1] };
};

export type { EventInvokeConfiguration, FunctionConfiguration, LoggingConfiguration };
export { arnOfFunction, knownRuntimes, parseFunctionName, runtimeRefusal, usualEventInvoke };
