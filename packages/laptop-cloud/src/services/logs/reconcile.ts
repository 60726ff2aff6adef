import { physicalName } from "../../kernel/declared";
import type { LogGroups } from "./store";

/** Creates the groups and streams that the program declares, with the settings that it declares. */
const reconcile = async (groups: LogGroups) => {
  const { inventory } = groups.cloud;
  for (const resource of inventory.ofType("aws:cloudwatch/logGroup:LogGroup")) {
    const name = physicalName(resource);
    // The provider's 0 keeps events forever.
    const declared = { retentionDays: resource.inputs["retentionInDays"] || undefined, tags: resource.inputs["tags"] ?? {} };
    const group = groups.get(name);
    if (group === undefined) await groups.create(name, declared);
    else {
      Object.assign(group.settings, declared);
      await groups.save(group);
    }
  }
  for (const resource of inventory.ofType("aws:cloudwatch/logStream:LogStream")) {
    const group = groups.find(resource.inputs["logGroupName"]);
    const stream = physicalName(resource);
    if (!group.streams.has(stream)) await groups.createStream(group, stream);
  }
};

export { reconcile };
