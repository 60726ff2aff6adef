import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createRole, type Grant, send, writeLogs } from "./grants";

/** The newest Node.js LTS that Lambda and @pulumi/aws offer. Said explicitly: Pulumi ignores changes of an unsaid one. */
const lambdaRuntime = aws.lambda.Runtime.NodeJS24dX;

interface ScopedFunctionArgs<Event, Result> {
  /** Only wires: hands names of resources to the module that works (`require("#functions/...")`). */
  callbackFactory: aws.lambda.CallbackFactory<Event, Result>;
  /** All that the function may do besides writing its own log. */
  allow: Grant[];
  /** Secrets and switches; names of resources go through the closure. */
  environment?: Record<string, pulumi.Input<string>>;
  /** Seconds until Lambda ends an invocation. */
  timeoutSeconds: number;
  /** Megabytes; Lambda gives processor time in proportion. Default 512: below that, loading the AWS SDK shows in the cold start. */
  memoryMegabytes?: number;
  /** Days that the log is kept. */
  logRetentionDays: number;
  /** Where events go that failed to the end, when the function is invoked asynchronously. */
  deadLetters?: aws.sqs.Queue;
}

const defaultMemoryMegabytes = 512;

/** None of these is shipped with a function: its bundle holds what its module imports. */
const packages = Object.keys((require("../package.json") as { dependencies: Record<string, string> }).dependencies);

/** A function with a role of its own that may do what `allow` says, and a log that is kept for a known time. */
class ScopedFunction<Event = unknown, Result = unknown> extends pulumi.ComponentResource {
  readonly lambda: aws.lambda.CallbackFunction<Event, Result>;

  constructor(name: string, args: ScopedFunctionArgs<Event, Result>, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:lambda:ScopedFunction", name, {}, opts);
    const child = { parent: this };
    const { deadLetters } = args;

    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/lambda/${pulumi.getProject()}-${pulumi.getStack()}-${name}`, retentionInDays: args.logRetentionDays },
      child,
    );

    const { role, policy } = createRole(
      name,
      { service: "lambda.amazonaws.com" },
      [...args.allow, writeLogs(logGroup), ...(deadLetters === undefined ? [] : [send(deadLetters)])],
      child,
    );

    this.lambda = new aws.lambda.CallbackFunction<Event, Result>(
      name,
      {
        callbackFactory: args.callbackFactory,
        role,
        runtime: lambdaRuntime,
        architectures: ["arm64"],
        timeout: args.timeoutSeconds,
        memorySize: args.memoryMegabytes ?? defaultMemoryMegabytes,
        environment: { variables: args.environment ?? {} },
        loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
        ...(deadLetters === undefined ? {} : { deadLetterConfig: { targetArn: deadLetters.arn } }),
        // A fresh object and list each time: Pulumi adds to them.
        codePathOptions: { extraExcludePackages: [...packages] },
      },
      // An event may come as soon as there is a function.
      { ...child, dependsOn: [policy] },
    );
    this.registerOutputs({});
  }
}

export type { ScopedFunctionArgs };
export { ScopedFunction };
