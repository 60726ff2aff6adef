import type { ServiceDefinition } from "../../kernel/service";
import { Alarms } from "./alarms";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Metrics } from "./store";

/**
 * Amazon CloudWatch metrics and alarms.
 *
 * Behaves as "Using Amazon CloudWatch alarms"; differs: queues are measured every ten seconds of the cloud's time, and a value above
 * the threshold raises the alarm at once, where CloudWatch waits for the end of the period.
 */
const monitoring: ServiceDefinition = {
  name: "monitoring",
  // It measures functions even if the program has no alarms.
  always: true,
  wire: { protocol: "aws-json", version: "1.0", target: "GraniteServiceVersion20100801" },
  resources,
  create: cloud => {
    const state = cloud.state("monitoring");
    const metrics = new Metrics(state);
    const alarms = new Alarms(cloud, state, metrics);
    return {
      start: async () => {
        await metrics.load();
        await alarms.load();
        await reconcile(cloud, alarms);
      },
      resume: async () => alarms.resume(),
      stop: () => alarms.stop(),
      operations: createOperations(cloud, metrics, alarms),
    };
  },
};

export { monitoring };
