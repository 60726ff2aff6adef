import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { routes } from "./operations/routes";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Runs } from "./runs";
import { Schedules } from "./store";

/**
 * Amazon EventBridge Scheduler: schedules that the program declares or API calls create.
 *
 * Behaves as the EventBridge Scheduler user guide; differs: schedules fire on time, not up to a minute late, and flexible ones at the
 * beginning of their window; several times that passed while the cloud was off or the clock was moved cause one call.
 */
const scheduler: ServiceDefinition = {
  name: "scheduler",
  wire: { protocol: "rest", routes },
  resources,
  create: cloud => {
    const state = cloud.state("scheduler");
    const runs = new Runs(cloud, state);
    const schedules = new Schedules(cloud, state, runs);
    return {
      start: async () => {
        await schedules.load();
        await reconcile(cloud, schedules);
      },
      resume: async () => {
        await runs.resume();
        schedules.resume();
      },
      stop: async () => {
        await schedules.stop();
        await runs.stop();
      },
      operations: createOperations(schedules),
    };
  },
};

export { scheduler };
