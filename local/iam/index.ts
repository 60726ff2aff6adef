import type { ServiceDefinition } from "../kernel/service";
import { createOperations } from "./operations";
import { resources } from "./resources";

/** IAM: roles and policies come from the program and can be read. The access key `test` makes none: what is enforced is what the program says. */
const iam: ServiceDefinition = {
  name: "iam",
  always: true,
  wire: { protocol: "query", version: "2010-05-08" },
  resources,
  create: cloud => ({
    start: async () => {},
    stop: async () => {},
    operations: createOperations(cloud),
  }),
};

export { iam };
