import type { PolicyStatement } from "../../kernel/service";
import type { Artefact } from "./artefact";
import type { EventInvokeConfiguration, FunctionConfiguration } from "./function-configuration";

/** A function with its code in place. Replaced as a whole when code or configuration change, which retires its environments. */
interface DeployedFunction {
  configuration: FunctionConfiguration;
  artefact: Artefact;
  /** Its resource policy. */
  policy: PolicyStatement[];
  /** How its asynchronous invocations go, where somebody said. */
  eventInvoke?: EventInvokeConfiguration;
}

export type { DeployedFunction };
