import { AwsError } from "../../kernel/aws-error";
import type { Operation } from "../../kernel/service";
import type { Functions } from "../functions";

/** Behaves as GetPolicy. */
const getPolicy =
  (functions: Functions): Operation =>
  async ({ FunctionName, Qualifier }: { FunctionName: string; Qualifier?: string }, call) => {
    call.authorize("lambda:GetPolicy", functions.arnOf(FunctionName));
    const { policy } = functions.find(FunctionName, Qualifier);
    if (policy.length === 0)
      throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404, { Type: "User" });
    return { Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: policy }), RevisionId: "1" };
  };

export { getPolicy };
