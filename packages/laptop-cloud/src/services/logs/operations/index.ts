import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { LogGroups } from "../store";
import * as logGroups from "./log-groups";
import * as logStreams from "./log-streams";
import * as putLogEvents from "./put-log-events";
import { filterLogEvents, getLogEvents } from "./read-events";

const createOperations = (groups: LogGroups): Service["operations"] =>
  bindOperations(groups, { ...logGroups, ...logStreams, ...putLogEvents, filterLogEvents, getLogEvents });

export { createOperations };
