import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Secrets } from "./store";

/** AWS Secrets Manager: secrets with versions. Behaves as its user guide; differs: no rotation and no replicas. */
const secretsManager: ServiceDefinition = {
  name: "secretsmanager",
  wire: { protocol: "aws-json", version: "1.1", target: "secretsmanager" },
  resources,
  create: cloud => {
    const secrets = new Secrets(cloud);
    return {
      start: async () => {
        await secrets.load();
        await reconcile(secrets);
      },
      stop: async () => {},
      operations: createOperations(secrets),
    };
  },
};

export { secretsManager };
