import { AwsError } from "../../kernel/aws-error";

/** One page of a list by `limit` and `nextToken`, a position. Throws `AwsError` InvalidParameterException. */
const paginate = <T>(all: readonly T[], nextToken: string | undefined, limit: number | undefined, most: number) => {
  const start = nextToken === undefined ? 0 : Number(nextToken);
  if (!Number.isSafeInteger(start) || start < 0) throw new AwsError("InvalidParameterException", "The specified nextToken is invalid.");
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= most)) {
    throw new AwsError("InvalidParameterException", `limit is ${JSON.stringify(limit)}, but must be a whole number from 1 to ${most}.`);
  }
  const end = start + (limit ?? most);
  return { page: all.slice(start, end), ...(end < all.length ? { nextToken: String(end) } : {}) };
};

export { paginate };
