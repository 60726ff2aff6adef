import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Deliveries } from "../deliveries";
import type { Buses } from "../store";
import * as busOperations from "./buses";
import { listTimers } from "./list-timers";
import * as putEvents from "./put-events";
import * as rules from "./rules";
import * as tags from "./tags";
import * as targets from "./targets";
import * as testEventPattern from "./test-event-pattern";

const createOperations = (buses: Buses, deliveries: Deliveries): Service["operations"] => ({
  ...bindOperations(buses, { ...busOperations, ...rules, ...tags, ...targets, ...testEventPattern, "laptop:ListTimers": listTimers }),
  ...bindOperations({ buses, deliveries }, { ...putEvents }),
});

export { createOperations };
