import { bindOperations } from "../../../kernel/operations";
import type { Cloud, Service } from "../../../kernel/service";
import * as apis from "./apis";

/** The operations by the names that AWS gives them. Each behaves as its page; differs: lists have one page, and nothing can be changed. */
const createOperations = (cloud: Cloud): Service["operations"] => bindOperations(cloud, { ...apis });

export { createOperations };
