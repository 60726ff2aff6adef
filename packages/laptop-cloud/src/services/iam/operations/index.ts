import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { RoleStore } from "../store";
import * as policies from "./policies";
import * as roleReading from "./role-reading";
import * as roles from "./roles";

/**
 * The operations by the names that AWS gives them. Each behaves as its page in the IAM API reference; differs: lists have one page,
 * roles have no permissions boundaries, policies have one version, v1, and AWS's own policies are not listed.
 */
const createOperations = (store: RoleStore): Service["operations"] => bindOperations(store, { ...policies, ...roleReading, ...roles });

export { createOperations };
