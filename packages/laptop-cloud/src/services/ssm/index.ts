import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Parameters } from "./store";

/** SSM Parameter Store: parameters with versions, labels and tags. Behaves as its user guide; differs: no policies of parameters. */
const ssm: ServiceDefinition = {
  name: "ssm",
  wire: { protocol: "aws-json", version: "1.1", target: "AmazonSSM" },
  resources,
  create: cloud => {
    const parameters = new Parameters(cloud);
    return {
      start: async () => {
        await parameters.load();
        await reconcile(parameters);
      },
      stop: async () => {},
      operations: createOperations(parameters),
    };
  },
};

export { ssm };
