import type { OperationOf } from "../../../kernel/service";
import type { Functions } from "../store";

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ACCOUNT_LIMIT = {
  CodeSizeUnzipped: 250 * 1024 ** 2,
  CodeSizeZipped: 50 * 1024 ** 2,
  ConcurrentExecutions: 1000,
  TotalCodeSize: 75 * 1024 ** 3,
};

/** Behaves as GetAccountSettings; differs: the account has AWS's defaults, and functions are not held to its concurrency. */
const getAccountSettings: OperationOf<Functions> = async (functions, _input, call) => {
  call.authorize("lambda:GetAccountSettings", "*");
  const all = functions.all();
  const reserved = all.reduce((sum, { configuration }) => sum + (configuration.reservedConcurrency ?? 0), 0);
  return {
    AccountLimit: { ...ACCOUNT_LIMIT, UnreservedConcurrentExecutions: ACCOUNT_LIMIT.ConcurrentExecutions - reserved },
    AccountUsage: { FunctionCount: all.length, TotalCodeSize: all.reduce((sum, { artefact }) => sum + artefact.codeSizeBytes, 0) },
  };
};

export { getAccountSettings };
