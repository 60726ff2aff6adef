/** Who makes a call. A function is identified by the session token of its environment and the trace id that its SDK sends. */
type Caller = Administrator | FunctionCaller | RoleCaller | ServiceCaller;

/** The access key `test`: the person at the laptop. May do everything. */
interface Administrator {
  kind: "administrator";
  /** A read by the page, which polls all the time. Such calls are not recorded. */
  isPage?: true;
  trace?: string;
}

/** Code in an execution environment of a function or in a task of a container service, acting with its role. */
interface FunctionCaller {
  kind: "function";
  /** The Pulumi name of the function or the container service, for display and for the controls. */
  function: string;
  /** For a container, the ARN of its task. */
  functionArn: string;
  /** The service that assumed the role. Absent: Lambda. */
  principal?: "ecs-tasks.amazonaws.com";
  roleArn: string;
  /** Id of the execution environment or the task. */
  environment: string;
  /** Request id of the current invocation; absent while the module is loading, and in containers. */
  invocation?: string;
  /** The trace's root, `1-XXXXXXXX-XXXXXXXXXXXXXXXXXXXXXXXX`. */
  trace?: string;
}

/** A service that acts with an assumed role: EventBridge Scheduler, Step Functions, an event source mapping. */
interface RoleCaller {
  kind: "role";
  roleArn: string;
  /** The service that assumed the role, "scheduler.amazonaws.com". */
  principal: string;
  /** ARN of the resource on whose behalf it assumed the role (`aws:SourceArn` for the role's trust policy). */
  sourceArn?: string;
  trace?: string;
}

/** A service that acts in its own name, so the resource's policy must allow it: SNS that calls a function or sends to a queue. */
interface ServiceCaller {
  kind: "service";
  /** "sns.amazonaws.com" */
  principal: string;
  /** ARN of the resource on whose behalf it calls (`aws:SourceArn`). */
  sourceArn: string;
  trace?: string;
}

const administrator: Administrator = { kind: "administrator" };

/** The page, as a caller. */
const pageReader: Administrator = { kind: "administrator", isPage: true };

export type { Administrator, Caller, FunctionCaller, RoleCaller, ServiceCaller };
export { administrator, pageReader };
