import type { Service } from "../../../kernel/service";
import type { Parameters } from "../store";
import { getParameter, getParameters } from "./parameters";

/** The operations by the names that AWS gives them. */
const createOperations = (parameters: Parameters): Service["operations"] => ({
  GetParameter: getParameter(parameters),
  GetParameters: getParameters(parameters),
});

export { createOperations };
