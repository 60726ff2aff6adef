/** Names of executions: the same work always has the same name. */
import { createHash } from "node:crypto";

/** Builds the name of an execution from the parts that identify its work. A hash, because names have up to 80 characters of few kinds. */
const buildExecutionName = (...parts: [string, ...string[]]): string => createHash("sha256").update(JSON.stringify(parts)).digest("hex");

export { buildExecutionName };
