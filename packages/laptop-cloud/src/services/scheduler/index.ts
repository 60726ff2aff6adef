import type { Cloud, ServiceDefinition } from "../../kernel/service";
import { createOperations, routes } from "./operations/index";
import { readDeclared, resources } from "./resources";
import { Runs } from "./runs";
import { Schedules } from "./store";

/**
 * EventBridge Scheduler: schedules of the program and those that functions make.
 *
 * Behaves as the EventBridge Scheduler user guide; differs: schedules fire on time, not up to a minute late, and flexible ones at the
 * beginning of their window; times that passed while the cloud was off or the clock was moved make one call, not one each.
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
      operations: createOperations(cloud, schedules),
    };
  },
};

/** What the program declares exists as it says; what it declared once and no longer does goes. Schedules made by calls stay. */
const reconcile = async ({ inventory }: Cloud, schedules: Schedules) => {
  const groups = inventory.ofType("aws:scheduler/scheduleGroup:ScheduleGroup");
  for (const { inputs, outputs } of groups) await schedules.putGroup(outputs["name"], { declared: true, tags: inputs["tags"] ?? {} });
  const declaredGroups = new Set(groups.map(({ outputs }) => outputs["name"]));
  for (const { name, declared } of schedules.allGroups()) if (declared && !declaredGroups.has(name)) await schedules.deleteGroup(name);

  const definitions = inventory.ofType("aws:scheduler/schedule:Schedule").map(readDeclared);
  for (const definition of definitions) {
    const existing = schedules.find(definition.GroupName, definition.Name);
    // One that is as it was keeps its next time, also one that has passed by now.
    const unchanged = existing?.declared && JSON.stringify(existing.definition) === JSON.stringify(definition);
    if (!unchanged) await schedules.put(definition, { declared: true });
  }
  const wanted = new Set(definitions.map(({ GroupName, Name }) => `${GroupName}/${Name}`));
  for (const { definition, declared } of schedules.all()) {
    const { GroupName, Name } = definition;
    if (declared && !wanted.has(`${GroupName}/${Name}`)) await schedules.delete(GroupName, Name);
  }
};

export { scheduler };
