/** Who makes a call. A function is known by its environment's session token and by the trace id that its SDK sends along. */
type Caller = Administrator | FunctionCaller | RoleCaller | ServiceCaller;

/** The access key `test`: the person at the laptop. May do everything. */
interface Administrator {
  kind: "administrator";
  /** Only looks on, as the page does all the time: the ledger of calls leaves it out. */
  looking?: true;
  trace?: string;
}

/** Code in an execution environment of a function, or in a task of a container service, acting with the role that it was given. */
interface FunctionCaller {
  kind: "function";
  /** The Pulumi name of the function or the container service, for people and controls. */
  function: string;
  /** A container's is that of its task. */
  functionArn: string;
  /** The service that took on the role for it: Lambda, unless said. */
  principal?: "ecs-tasks.amazonaws.com";
  roleArn: string;
  /** Id of the execution environment or the task. */
  environment: string;
  /** Request id of the invocation under way; absent while the module initialises, and in containers. */
  invocation?: string;
  /** The trace's root, `1-XXXXXXXX-XXXXXXXXXXXXXXXXXXXXXXXX`. */
  trace?: string;
}

/** A service that acts with a role it was given: EventBridge Scheduler, Step Functions, an event source mapping. */
interface RoleCaller {
  kind: "role";
  roleArn: string;
  /** The service that assumed the role, "scheduler.amazonaws.com". */
  principal: string;
  /** ARN of the resource on whose behalf it assumed the role (`aws:SourceArn` for the role's trust policy). */
  sourceArn?: string;
  trace?: string;
}

/** A service that acts in its own name and needs the resource's own policy: SNS calling a function, SNS sending to a queue. */
interface ServiceCaller {
  kind: "service";
  /** "sns.amazonaws.com" */
  principal: string;
  /** ARN of the resource on whose behalf it calls (`aws:SourceArn`). */
  sourceArn: string;
  trace?: string;
}

const administrator: Administrator = { kind: "administrator" };

/** Who reads what is shown on the page. */
const onlooker: Administrator = { kind: "administrator", looking: true };

export type { Administrator, Caller, FunctionCaller, RoleCaller, ServiceCaller };
export { administrator, onlooker };
