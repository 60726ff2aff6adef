import { isObject } from "../../kernel/json";
import { invalid } from "./names";

/**
 * Parses a path such as `$.detail.files[0].name` into its keys and indices.
 *
 * Behaves as the dot notation of input paths; differs: no wildcards. Throws `AwsError` ValidationException.
 */
const parsePath = (path: string): (string | number)[] => {
  if (typeof path !== "string" || !/^\$(\.[A-Za-z0-9_/-]+|\[\d+\])*$/.test(path))
    throw invalid(`${JSON.stringify(path)} is not a path. Paths have dots and indices, such as $.detail.files[0], without wildcards.`);
  return [...path.matchAll(/\.([A-Za-z0-9_/-]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? Number(index));
};

/** The value at a path; undefined if there is none. */
const valueAt = (value: unknown, path: string): unknown =>
  parsePath(path).reduce<unknown>((parent, step) => {
    if (typeof step === "number") return Array.isArray(parent) ? parent[step] : undefined;
    return isObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
  }, value);

export { parsePath, valueAt };
