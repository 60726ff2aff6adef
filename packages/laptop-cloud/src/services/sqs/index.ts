import type { ServiceDefinition } from "../../kernel/service";
import { queryCodes } from "./errors";
import { MoveTasks } from "./move-tasks";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Queues } from "./store";

/** Amazon SQS: standard queues, durable. */
const sqs: ServiceDefinition = {
  name: "sqs",
  wire: { protocol: "aws-json", version: "1.0", target: "AmazonSQS", queryCodes },
  resources,
  create: cloud => {
    const queues = new Queues(cloud);
    const tasks = new MoveTasks(queues);
    return {
      start: async () => {
        await queues.load();
        await tasks.load();
        await reconcile(queues);
      },
      resume: async () => tasks.resume(),
      stop: () => tasks.stop(),
      operations: createOperations(queues, tasks),
    };
  },
};

export { sqs };
