import type { ServiceDefinition } from "../../kernel/service";
import { Deliveries } from "./deliveries";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Buses } from "./store";

/**
 * Amazon EventBridge: buses, rules and targets. It always runs, because every account has a default bus.
 *
 * Behaves as the EventBridge user guide; differs: schedules fire on time, and several times that passed while the cloud was off or the
 * clock was moved cause one event.
 */
const events: ServiceDefinition = {
  name: "events",
  always: true,
  wire: { protocol: "aws-json", version: "1.1", target: "AWSEvents" },
  resources,
  create: cloud => {
    const state = cloud.state("events");
    const deliveries = new Deliveries(cloud, state);
    const buses = new Buses(cloud, state, deliveries);
    return {
      start: async () => {
        await buses.load();
        await reconcile(buses);
      },
      resume: async () => {
        await deliveries.resume();
        buses.resume();
      },
      stop: async () => {
        buses.stop();
        await deliveries.stop();
      },
      operations: createOperations(buses, deliveries),
    };
  },
};

export { events };
