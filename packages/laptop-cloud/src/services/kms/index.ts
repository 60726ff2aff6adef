import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Keys } from "./store";

/**
 * AWS KMS: symmetric keys, aliases, key policies, and encryption contexts. Behaves as its developer guide; differs: keys lie in the state
 * directory in plain text, and only the program's own calls use them: tables, queues and buckets are not encrypted.
 */
const kms: ServiceDefinition = {
  name: "kms",
  wire: { protocol: "aws-json", version: "1.1", target: "TrentService" },
  resources,
  create: cloud => {
    const keys = new Keys(cloud);
    return {
      start: async () => {
        await keys.load();
        await reconcile(keys);
      },
      stop: async () => {},
      operations: createOperations(keys),
    };
  },
};

export { kms };
