import type { Cloud, Service } from "../../../kernel/service";
import { assumeRole } from "./assume-role";
import { getCallerIdentity } from "./get-caller-identity";

/** The operations by the names that AWS gives them. */
const createOperations = (cloud: Cloud): Service["operations"] => ({
  GetCallerIdentity: getCallerIdentity(cloud),
  AssumeRole: assumeRole,
});

export { createOperations };
