import type { Service } from "../../../kernel/service";
import type { Schedules } from "../store";
import { createScheduleGroup, deleteScheduleGroup, getScheduleGroup, listScheduleGroups } from "./groups";
import { createSchedule, deleteSchedule, getSchedule, listSchedules, listTimers, updateSchedule } from "./schedules";
import { listTagsForResource, tagResource, untagResource } from "./tags";

/**
 * The operations by the names that AWS gives them. Each behaves as its page in the EventBridge Scheduler API reference; differs: a role
 * that does not trust the scheduler is noticed only when the schedule fires, and a group is deleted at once.
 */
const createOperations = (schedules: Schedules): Service["operations"] => ({
  CreateSchedule: createSchedule(schedules),
  UpdateSchedule: updateSchedule(schedules),
  GetSchedule: getSchedule(schedules),
  DeleteSchedule: deleteSchedule(schedules),
  ListSchedules: listSchedules(schedules),
  "laptop:ListTimers": listTimers(schedules),
  CreateScheduleGroup: createScheduleGroup(schedules),
  GetScheduleGroup: getScheduleGroup(schedules),
  DeleteScheduleGroup: deleteScheduleGroup(schedules),
  ListScheduleGroups: listScheduleGroups(schedules),
  ListTagsForResource: listTagsForResource(schedules),
  TagResource: tagResource(schedules),
  UntagResource: untagResource(schedules),
});

export { createOperations };
