import type { PolicyStatement } from "../../kernel/service";
import type { Artefact } from "./artefact";
import type { EventInvokeConfiguration, FunctionConfiguration } from "./function-configuration";

/** A function with its unpacked code. A change replaces the whole object, which retires the function's environments. */
interface DeployedFunction {
  configuration: FunctionConfiguration;
  artefact: Artefact;
  /** Its resource policy. */
  policy: PolicyStatement[];
  /** Settings of asynchronous invocations, if they were configured. */
  eventInvoke?: EventInvokeConfiguration;
}

export type { DeployedFunction };
