import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { resources } from "./resources";
import { RoleStore } from "./store";

/** AWS IAM: the roles and policies of the program, and those that API calls create. All of them are enforced. */
const iam: ServiceDefinition = {
  name: "iam",
  always: true,
  wire: { protocol: "query", version: "2010-05-08" },
  resources,
  create: cloud => {
    const store = new RoleStore(cloud);
    return { start: () => store.load(), update: () => store.update(), stop: async () => {}, operations: createOperations(store) };
  },
};

export { iam };
