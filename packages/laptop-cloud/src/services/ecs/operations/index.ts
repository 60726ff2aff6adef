import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Containers } from "../store";
import * as services from "./services";
import * as tasks from "./tasks";

const createOperations = (containers: Containers): Service["operations"] => bindOperations(containers, { ...services, ...tasks });

export { createOperations };
