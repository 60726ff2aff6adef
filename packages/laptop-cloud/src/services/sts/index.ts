import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";

/** AWS STS: tells callers who they are. */
const sts: ServiceDefinition = {
  name: "sts",
  always: true,
  wire: { protocol: "query", version: "2011-06-15" },
  resources: {},
  create: cloud => ({ start: async () => {}, stop: async () => {}, operations: createOperations(cloud) }),
};

export { sts };
