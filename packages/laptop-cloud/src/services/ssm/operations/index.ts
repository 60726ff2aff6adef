import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Parameters } from "../store";
import * as changes from "./changes";
import * as describeParameters from "./describe-parameters";
import * as labels from "./labels";
import * as reads from "./reads";
import * as tags from "./tags";

/** The operations by the names that AWS gives them. Each behaves as its page in the Systems Manager API reference. */
const createOperations = (parameters: Parameters): Service["operations"] =>
  bindOperations(parameters, { ...changes, ...describeParameters, ...labels, ...reads, ...tags });

export { createOperations };
