import type { Cloud } from "../../kernel/service";
import { readDeclared } from "./resources";
import type { Schedules } from "./store";

/** Creates the groups and schedules that the program declares, and deletes those that it no longer declares. Others stay. */
const reconcile = async ({ inventory }: Cloud, schedules: Schedules) => {
  const groups = inventory.ofType("aws:scheduler/scheduleGroup:ScheduleGroup");
  for (const { inputs, outputs } of groups) await schedules.putGroup(outputs["name"], { declared: true, tags: inputs["tags"] ?? {} });
  const declaredGroups = new Set(groups.map(({ outputs }) => outputs["name"]));
  for (const { name, declared } of schedules.allGroups()) if (declared && !declaredGroups.has(name)) await schedules.deleteGroup(name);

  const definitions = inventory.ofType("aws:scheduler/schedule:Schedule").map(readDeclared);
  for (const definition of definitions) {
    const existing = schedules.find(definition.GroupName, definition.Name);
    // An unchanged schedule keeps its next time, even if it has passed by now.
    const unchanged = existing?.declared && JSON.stringify(existing.definition) === JSON.stringify(definition);
    if (!unchanged) await schedules.put(definition, { declared: true });
  }
  const wanted = new Set(definitions.map(({ GroupName, Name }) => `${GroupName}/${Name}`));
  for (const { definition, declared } of schedules.all()) {
    const { GroupName, Name } = definition;
    if (declared && !wanted.has(`${GroupName}/${Name}`)) await schedules.delete(GroupName, Name);
  }
};

export { reconcile };
