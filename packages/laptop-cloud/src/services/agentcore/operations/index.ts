import { bindOperations } from "../../../kernel/operations";
import type { Cloud, Service } from "../../../kernel/service";
import type { Sessions } from "../sessions";
import * as gateways from "./gateways";
import { invokeAgentRuntime, stopRuntimeSession } from "./runtimes";

/** The operations by the names that AWS gives them. Calling a gateway has no name in its API, and is called as its permission is. */
const createOperations = (cloud: Cloud, sessions: Sessions): Service["operations"] => ({
  ...bindOperations(cloud, { ...gateways }),
  ...bindOperations({ cloud, sessions }, { invokeAgentRuntime, stopRuntimeSession }),
});

export { createOperations };
