import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { routes } from "./operations/routes";
import { resources } from "./resources";
import { Sessions } from "./sessions";

/**
 * Amazon Bedrock AgentCore: gateways that offer functions as tools over MCP, and agents in processes of your own, whose addresses
 * `npm start -- --runtime ARN=URL` names. Behaves as its developer guide; differs: a program can't declare runtimes.
 */
const agentcore: ServiceDefinition = {
  name: "bedrock-agentcore",
  always: true,
  wire: { protocol: "rest", routes },
  resources,
  create: cloud => {
    const sessions = new Sessions();
    return { start: async () => {}, stop: async () => sessions.stopAll(), operations: createOperations(cloud, sessions) };
  },
};

export { agentcore };
