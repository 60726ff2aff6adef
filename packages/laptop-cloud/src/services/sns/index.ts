import type { ServiceDefinition } from "../../kernel/service";
import { Deliveries } from "./deliveries";
import { invite, serveMailLinks } from "./invitation";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Topics } from "./store";

/** Amazon SNS: standard topics with subscriptions of functions, queues and e-mail addresses, durable. */
const sns: ServiceDefinition = {
  name: "sns",
  wire: { protocol: "query", version: "2010-03-31" },
  resources,
  create: cloud => {
    const topics = new Topics(cloud);
    const deliveries = new Deliveries(topics);
    return {
      start: async () => {
        await topics.load();
        await deliveries.load();
        await reconcile(topics);
        serveMailLinks(cloud);
      },
      resume: async () => {
        for (const subscription of topics.subscriptions()) await invite(topics, subscription);
        deliveries.resume();
      },
      stop: () => deliveries.stop(),
      operations: createOperations(topics, deliveries),
    };
  },
};

export { sns };
