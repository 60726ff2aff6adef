import { compilePattern, type Dialect, type Filter, isChoice, type Pattern, PatternError } from "../../kernel/filter/pattern";
import { isObject } from "../../kernel/json";
import { invalidParameter } from "./errors";

type FilterPolicyScope = "MessageAttributes" | "MessageBody";

/** Amazon SNS developer guide, "Filter policy constraints". */
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;
const MAX_POLICY_BYTES = 256 * 1024;

const dialect: Dialect = {
  operators: ["prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "cidr", "exists"],
  maxComparedNumber: 1e9,
  maxExactNumber: 1e9,
};

/**
 * Compiles a filter policy.
 *
 * Behaves as "Amazon SNS subscription filter policies". Throws `AwsError` InvalidParameter with the reason.
 */
const parseFilterPolicy = (text: string, scope: FilterPolicyScope): Filter => {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) throw refusal(`the policy has more than ${MAX_POLICY_BYTES} bytes`);
  const policy = parseJson(text);
  if (!isObject(policy)) throw refusal("the policy is not a JSON object");
  const filter = compile(policy);
  if (scope === "MessageAttributes" && isNested(policy))
    throw refusal("Filter policy scope MessageAttributes does not support nested filter policy");
  if (new Set(pathsOf(policy, "")).size > MAX_KEYS) throw refusal(`Filter policy can not have more than ${MAX_KEYS} keys`);
  if (combinationsOf(policy, 1) > MAX_COMBINATIONS) throw refusal("Filter policy is too complex");
  return filter;
};

const compile = (policy: Pattern): Filter => {
  try {
    return compilePattern(policy, dialect);
  } catch (error) {
    throw error instanceof PatternError ? refusal(error.reason) : error;
  }
};

const isNested = (policy: Pattern): boolean =>
  Object.entries(policy).some(([key, value]) => (isChoice(key, value) ? value.some(isNested) : isObject(value)));

/** The paths of all keys that have rules. */
const pathsOf = (policy: Pattern, parent: string): string[] =>
  Object.entries(policy).flatMap(([key, value]) => {
    if (isChoice(key, value)) return value.flatMap(branch => pathsOf(branch, parent));
    return isObject(value) ? pathsOf(value, `${parent}/${key}`) : [`${parent}/${key}`];
  });

/** Each key counts its values times its depth; keys multiply, branches of `$or` add up. */
const combinationsOf = (policy: Pattern, depth: number): number =>
  Object.entries(policy).reduce((product, [key, value]) => {
    if (isChoice(key, value)) return product * value.reduce((sum, branch) => sum + combinationsOf(branch, depth), 0);
    return product * (isObject(value) ? combinationsOf(value, depth + 1) : (value as unknown[]).length * depth);
  }, 1);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal("failed to parse JSON");
  }
};

const refusal = (reason: string) => invalidParameter(`FilterPolicy: ${reason}`);

export type { FilterPolicyScope };
export { parseFilterPolicy };
