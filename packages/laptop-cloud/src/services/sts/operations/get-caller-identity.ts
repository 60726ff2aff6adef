import { createHash } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import type { Caller } from "../../../kernel/caller";
import type { Cloud, OperationOf } from "../../../kernel/service";

/** Behaves as GetCallerIdentity: needs no permission. The access key `test` belongs to the user of that name. */
const getCallerIdentity: OperationOf<Cloud> = async ({ place }, _input, call) => ({
  ...identityOf(call.caller, place.account),
  Account: place.account,
});

const identityOf = (caller: Caller, account: string): { Arn: string; UserId: string } => {
  switch (caller.kind) {
    case "administrator":
      return { Arn: `arn:aws:iam::${account}:user/test`, UserId: uniqueId("AIDA", "test") };
    case "function": {
      const role = caller.roleArn.split("/").at(-1)!;
      return {
        Arn: `arn:aws:sts::${account}:assumed-role/${role}/${caller.function}`,
        UserId: `${uniqueId("AROA", caller.roleArn)}:${caller.function}`,
      };
    }
    default:
      throw new AwsError("InvalidClientTokenId", `${caller.principal} is a service and has no session of its own.`, 403);
  }
};

/** A unique id: a prefix for its kind, then capitals and digits (IAM identifiers). */
const uniqueId = (prefix: string, of: string) => prefix + createHash("sha256").update(of).digest("hex").slice(0, 17).toUpperCase();

export { getCallerIdentity };
