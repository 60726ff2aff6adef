import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Secrets } from "../store";
import * as randomPassword from "./random-password";
import * as secretOperations from "./secrets";
import * as tagsAndPolicies from "./tags-and-policies";
import * as values from "./values";
import * as versions from "./versions";

const createOperations = (secrets: Secrets): Service["operations"] =>
  bindOperations(secrets, { ...randomPassword, ...secretOperations, ...tagsAndPolicies, ...values, ...versions });

export { createOperations };
