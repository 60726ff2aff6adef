import { bindOperations } from "../../../kernel/operations";
import type { Cloud, Service } from "../../../kernel/service";
import * as assumeRole from "./assume-role";
import * as getCallerIdentity from "./get-caller-identity";

const createOperations = (cloud: Cloud): Service["operations"] => bindOperations(cloud, { ...assumeRole, ...getCallerIdentity });

export { createOperations };
