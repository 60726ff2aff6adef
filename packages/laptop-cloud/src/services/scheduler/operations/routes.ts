import type { RestRequest, RestRoute } from "../../../kernel/service";

/** Some parameters have other names in the URL than in the SDKs. */
const named = ({ parameters, query }: RestRequest) => ({
  ...parameters,
  GroupName: query.get("groupName") ?? undefined,
  ClientToken: query.get("clientToken") ?? undefined,
});

/** EventBridge Scheduler API reference. */
const routes: RestRoute[] = [
  { method: "POST", path: "/schedules/{Name}", operation: "CreateSchedule" },
  { method: "GET", path: "/schedules/{Name}", operation: "GetSchedule", read: named },
  { method: "PUT", path: "/schedules/{Name}", operation: "UpdateSchedule" },
  { method: "DELETE", path: "/schedules/{Name}", operation: "DeleteSchedule", read: named },
  {
    method: "GET",
    path: "/schedules",
    operation: "ListSchedules",
    read: ({ query }) => ({ ...Object.fromEntries(query), GroupName: query.get("ScheduleGroup") ?? undefined }),
  },
  { method: "POST", path: "/schedule-groups/{Name}", operation: "CreateScheduleGroup" },
  { method: "GET", path: "/schedule-groups/{Name}", operation: "GetScheduleGroup" },
  { method: "DELETE", path: "/schedule-groups/{Name}", operation: "DeleteScheduleGroup", read: named },
  { method: "GET", path: "/schedule-groups", operation: "ListScheduleGroups" },
  { method: "GET", path: "/tags/{ResourceArn}", operation: "ListTagsForResource" },
  { method: "POST", path: "/tags/{ResourceArn}", operation: "TagResource" },
  {
    method: "DELETE",
    path: "/tags/{ResourceArn}",
    operation: "UntagResource",
    read: ({ parameters, query }) => ({ ...parameters, TagKeys: query.getAll("TagKeys") }),
  },
];

export { routes };
