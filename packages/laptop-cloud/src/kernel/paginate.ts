const MAX_PAGE_SIZE = 100;

/** One page, sorted by `keyOf`. The token is the last key of the previous page. */
const paginate = <T>(
  items: T[],
  keyOf: (item: T) => string,
  { NextToken, MaxResults }: { NextToken?: string; MaxResults?: string | number },
) => {
  const size = Math.min(MAX_PAGE_SIZE, Number(MaxResults ?? MAX_PAGE_SIZE));
  const after = NextToken === undefined ? "" : Buffer.from(NextToken, "base64url").toString("utf8");
  const rest = items.filter(item => keyOf(item) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = rest.slice(0, size);
  return { page, NextToken: rest.length > page.length ? Buffer.from(keyOf(page.at(-1)!)).toString("base64url") : undefined };
};

export { paginate };
