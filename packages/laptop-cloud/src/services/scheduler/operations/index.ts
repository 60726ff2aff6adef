import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Schedules } from "../store";
import * as groups from "./groups";
import { listTimers } from "./list-timers";
import * as scheduleOperations from "./schedules";
import * as tags from "./tags";

/**
 * The operations by the names that AWS gives them. Each behaves as its page in the EventBridge Scheduler API reference; differs: a role
 * that does not trust the scheduler is noticed only when the schedule fires, and a group is deleted at once.
 */
const createOperations = (schedules: Schedules): Service["operations"] =>
  bindOperations(schedules, { ...groups, ...scheduleOperations, ...tags, "laptop:ListTimers": listTimers });

export { createOperations };
