import type { Cloud } from "../../kernel/service";
import type { Alarms } from "./alarms";
import { readDeclared } from "./resources";

/** Creates the alarms that the program declares, which keep their state, and deletes those that it no longer declares. */
const reconcile = async ({ inventory }: Cloud, alarms: Alarms) => {
  const definitions = inventory.ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(readDeclared);
  for (const definition of definitions) await alarms.put(definition, { declared: true });
  const wanted = new Set(definitions.map(({ AlarmName }) => AlarmName));
  for (const { definition, declared } of alarms.all())
    if (declared && !wanted.has(definition.AlarmName)) await alarms.delete(definition.AlarmName);
};

export { reconcile };
