import type { Service } from "../../../kernel/service";
import type { Deliveries } from "../deliveries";
import type { Buses } from "../store";
import { createEventBus, deleteEventBus, describeEventBus, listEventBuses, putPermission, removePermission } from "./buses";
import { putEvents } from "./put-events";
import { deleteRule, describeRule, listRuleNamesByTarget, listRules, listTimers, putRule, setRuleState } from "./rules";
import { listTagsForResource, tagResource, untagResource } from "./tags";
import { listTargetsByRule, putTargets, removeTargets } from "./targets";
import { testEventPattern } from "./test-event-pattern";

/** The operations by the names that AWS gives them. */
const createOperations = (buses: Buses, deliveries: Deliveries): Service["operations"] => ({
  PutEvents: putEvents(buses, deliveries),
  TestEventPattern: testEventPattern,
  PutRule: putRule(buses),
  DeleteRule: deleteRule(buses),
  DescribeRule: describeRule(buses),
  ListRules: listRules(buses),
  ListRuleNamesByTarget: listRuleNamesByTarget(buses),
  EnableRule: setRuleState(buses, "ENABLED"),
  DisableRule: setRuleState(buses, "DISABLED"),
  "laptop:ListTimers": listTimers(buses),
  PutTargets: putTargets(buses),
  RemoveTargets: removeTargets(buses),
  ListTargetsByRule: listTargetsByRule(buses),
  CreateEventBus: createEventBus(buses),
  DeleteEventBus: deleteEventBus(buses),
  DescribeEventBus: describeEventBus(buses),
  ListEventBuses: listEventBuses(buses),
  PutPermission: putPermission(buses),
  RemovePermission: removePermission(buses),
  ListTagsForResource: listTagsForResource(buses),
  TagResource: tagResource(buses),
  UntagResource: untagResource(buses),
});

export { createOperations };
