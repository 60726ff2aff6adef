/** Names executions so that the same work always has the same name. */
import { createHash } from "node:crypto";

/** Builds the name of an execution from what makes its work unique; a hash, since names have 80 characters of few kinds. */
const buildExecutionName = (...parts: [string, ...string[]]): string => createHash("sha256").update(JSON.stringify(parts)).digest("hex");

export { buildExecutionName };
