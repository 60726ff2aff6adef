import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import { parsePolicy } from "../../../kernel/policy-text";
import type { OperationOf, PolicyDocument } from "../../../kernel/service";
import type { Keys } from "../store";

interface OfPolicy {
  KeyId: string;
  PolicyName?: string;
}

/** A key has one policy, of this name. */
const NAME = "default";

const getKeyPolicy: OperationOf<Keys> = async (keys, input: OfPolicy, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "PolicyName"]);
  const { policy } = keys.open(call, input.KeyId);
  refuseName(input.PolicyName);
  return { Policy: JSON.stringify(policy), PolicyName: NAME };
};

/** Behaves as PutKeyPolicy; a restart restores a declared policy. Differs: a policy that locks the caller out is accepted. */
const putKeyPolicy: OperationOf<Keys> = async (keys, input: OfPolicy & { Policy: string }, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "PolicyName", "Policy", "BypassPolicyLockoutSafetyCheck"]);
  const key = keys.open(call, input.KeyId);
  refuseName(input.PolicyName);
  await keys.change(key, { policy: parseKeyPolicy(input.Policy) });
  return {};
};

const listKeyPolicies: OperationOf<Keys> = async (keys, input: { KeyId: string }, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "Limit", "Marker"]);
  keys.open(call, input.KeyId);
  return { PolicyNames: [NAME], Truncated: false };
};

const refuseName = (name = NAME) => {
  if (name !== NAME) throw new AwsError("NotFoundException", `PolicyName is ${JSON.stringify(name)}, but must be ${NAME}.`);
};

/** Throws `AwsError` MalformedPolicyDocumentException. */
const parseKeyPolicy = (text: string): PolicyDocument =>
  parsePolicy(text, "MalformedPolicyDocumentException", "The key policy must be valid JSON and have statements.");

export { getKeyPolicy, listKeyPolicies, parseKeyPolicy, putKeyPolicy };
