import { AwsError } from "./aws-error";
import type { Declared, PolicyDocument } from "./service";

/** Parses the policy of a call. Throws `AwsError` with the service's own code and message if it is not JSON, or has no statements. */
const parsePolicy = (text: string, code: string, message: string): PolicyDocument => {
  try {
    const policy = JSON.parse(text) as Partial<PolicyDocument> | null;
    if (policy?.Statement !== undefined) return policy as PolicyDocument;
  } catch {
    // Refused below, like a policy without statements.
  }
  throw new AwsError(code, message);
};

/** The reason to refuse a declared `policy`, if there is one. */
const refusePolicy = ({ inputs: { policy } }: Declared): string | undefined => {
  if (policy === undefined) return undefined;
  try {
    JSON.parse(policy);
    return undefined;
  } catch (error) {
    return `policy is ${JSON.stringify(String(policy).slice(0, 100))}, but must be JSON (${(error as Error).message}).`;
  }
};

export { parsePolicy, refusePolicy };
