import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { LogGroups } from "./store";

/** Amazon CloudWatch Logs. It always runs, because functions create log groups that the program does not declare. */
const logs: ServiceDefinition = {
  name: "logs",
  always: true,
  wire: { protocol: "aws-json", version: "1.1", target: "Logs_20140328" },
  resources,
  create: cloud => {
    const groups = new LogGroups(cloud);
    return {
      start: async () => {
        await groups.load();
        await reconcile(groups);
      },
      stop: () => groups.stop(),
      operations: createOperations(groups),
    };
  },
};

export { logs };
