import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createRole, type Grant, send, sendTraces, writeLogs } from "./grants";
import "./no-glob";
import { buildPhysicalName } from "./physical-name";

/** The newest Node.js LTS of Lambda and @pulumi/aws. Explicit, because Pulumi ignores later changes of its default. */
const LAMBDA_RUNTIME = aws.lambda.Runtime.NodeJS24dX;

interface ScopedFunctionArgs<Event, Result> {
  /** Requires the module and hands it its settings; `wire` makes it. */
  callbackFactory: aws.lambda.CallbackFactory<Event, Result>;
  /** Everything that the function may do, except writing its log. */
  allow: Grant[];
  /** Secrets and switches. Names of resources go through the closure. */
  environment?: Record<string, pulumi.Input<string>>;
  /** Seconds until Lambda ends an invocation. */
  timeoutSeconds: number;
  /** Megabytes. CPU time is proportional. Default 512: with less, loading the AWS SDK slows cold starts down. */
  memoryMegabytes?: number;
  logRetentionDays: number;
  /** Whether X-Ray traces invocations. Default false. */
  tracing?: boolean;
  /** Queue for events that failed after all retries, if the function is invoked asynchronously. */
  deadLetters?: aws.sqs.Queue;
}

const DEFAULT_MEMORY_MEGABYTES = 512;

/** Packages to leave out of the archive: each bundle already contains what its module imports. */
const PACKAGES = Object.keys((require("../../package.json") as { dependencies: Record<string, string> }).dependencies);

/** A function with its own role, which allows what `allow` says, and its own log. */
class ScopedFunction<Event = unknown, Result = unknown> extends pulumi.ComponentResource {
  readonly lambda: aws.lambda.CallbackFunction<Event, Result>;

  constructor(name: string, args: ScopedFunctionArgs<Event, Result>, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:lambda:ScopedFunction", name, {}, opts);
    const child = { parent: this };
    const { deadLetters, tracing = false } = args;

    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/lambda/${buildPhysicalName(name)}`, retentionInDays: args.logRetentionDays },
      child,
    );

    const { role, policy } = createRole(
      name,
      { service: "lambda.amazonaws.com" },
      [...args.allow, writeLogs(logGroup), ...(tracing ? [sendTraces] : []), ...(deadLetters === undefined ? [] : [send(deadLetters)])],
      child,
    );

    this.lambda = new aws.lambda.CallbackFunction<Event, Result>(
      name,
      {
        callbackFactory: args.callbackFactory,
        role,
        runtime: LAMBDA_RUNTIME,
        architectures: ["arm64"],
        timeout: args.timeoutSeconds,
        memorySize: args.memoryMegabytes ?? DEFAULT_MEMORY_MEGABYTES,
        environment: { variables: args.environment ?? {} },
        loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
        ...(tracing && { tracingConfig: { mode: "Active" } }),
        ...(deadLetters === undefined ? {} : { deadLetterConfig: { targetArn: deadLetters.arn } }),
        // A new object and list each time, because Pulumi adds to them.
        codePathOptions: { extraExcludePackages: [...PACKAGES] },
      },
      // The function can be invoked as soon as it exists, so its policy must exist first.
      { ...child, dependsOn: [policy] },
    );
    this.registerOutputs({});
  }
}

export type { ScopedFunctionArgs };
export { ScopedFunction };
