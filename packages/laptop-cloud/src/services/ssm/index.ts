import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { resources } from "./resources";
import { Parameters } from "./store";

/** SSM Parameter Store: the parameters that the program declares, read by name or ARN. No operation changes a value. */
const ssm: ServiceDefinition = {
  name: "ssm",
  wire: { protocol: "aws-json", version: "1.1", target: "AmazonSSM" },
  resources,
  create: cloud => ({
    start: async () => {},
    stop: async () => {},
    operations: createOperations(new Parameters(cloud)),
  }),
};

export { ssm };
