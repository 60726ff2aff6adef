import { createHash } from "node:crypto";
import { AwsError, notImitated } from "../../kernel/aws-error";
import type { Caller } from "../../kernel/caller";
import type { ServiceDefinition } from "../../kernel/service";

/** STS: says who one is. Sessions are given out by the laptop cloud itself, one for each execution environment. */
const sts: ServiceDefinition = {
  name: "sts",
  always: true,
  wire: { protocol: "query", version: "2011-06-15" },
  resources: {},
  create: ({ place }) => ({
    start: async () => {},
    stop: async () => {},
    operations: {
      /** Behaves as GetCallerIdentity (STS API reference): needs no permission. The access key `test` is the user of that name. */
      GetCallerIdentity: async (_input, call) => ({ ...identityOf(call.caller, place.account), Account: place.account }),

      AssumeRole: async () => {
        throw notImitated('sts:AssumeRole: functions have their roles already, and the access key "test" may do everything');
      },
    },
  }),
};

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

/** Unique ids begin with letters for their kind and go on in capitals and digits (IAM identifiers). */
const uniqueId = (prefix: string, of: string) => prefix + createHash("sha256").update(of).digest("hex").slice(0, 17).toUpperCase();

export { sts };
