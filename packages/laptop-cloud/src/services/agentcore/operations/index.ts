import type { Cloud, Service } from "../../../kernel/service";
import type { Sessions } from "../sessions";
import { invokeGateway } from "./gateways";
import { invokeAgentRuntime, stopRuntimeSession } from "./runtimes";

/** The operations by the names that AWS gives them. Calling a gateway has no name in its API, and is called as its permission is. */
const createOperations = (cloud: Cloud, sessions: Sessions): Service["operations"] => ({
  InvokeAgentRuntime: invokeAgentRuntime(cloud, sessions),
  StopRuntimeSession: stopRuntimeSession(cloud, sessions),
  InvokeGateway: invokeGateway(cloud),
});

export { createOperations };
