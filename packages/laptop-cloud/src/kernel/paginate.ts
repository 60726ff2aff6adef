import { AwsError } from "./aws-error";

const MAX_PAGE_SIZE = 100;

/** Reads how many items a page may have, up to `most`. Throws `AwsError` ValidationException unless the size is a whole number of at least `least`. */
const readPageSize = (given: string | number | undefined, most: number, least = 1): number => {
  const size = Number(given ?? most);
  if (Number.isInteger(size) && size >= least) return Math.min(size, most);
  throw new AwsError(
    "ValidationException",
    `1 validation error detected: Value '${given}' of the page size failed to satisfy constraint: Member must be a whole number greater than or equal to ${least}`,
  );
};

/** One page, sorted by `keyOf`. The token is the last key of the previous page. */
const paginate = <T>(
  items: T[],
  keyOf: (item: T) => string,
  { NextToken, MaxResults }: { NextToken?: string; MaxResults?: string | number },
) => {
  const size = readPageSize(MaxResults, MAX_PAGE_SIZE);
  const after = NextToken === undefined ? "" : Buffer.from(NextToken, "base64url").toString("utf8");
  const rest = items.filter(item => keyOf(item) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = rest.slice(0, size);
  return { page, NextToken: rest.length > page.length ? Buffer.from(keyOf(page.at(-1)!)).toString("base64url") : undefined };
};

export { paginate, readPageSize };
