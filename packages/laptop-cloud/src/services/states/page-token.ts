import { AwsError } from "../../kernel/aws-error";

interface Paging {
  maxResults?: number;
  nextToken?: string;
}

/** One page of a list. The token is the position of the next page. Throws `AwsError` InvalidToken. */
const pageOf = <T>(items: T[], { maxResults, nextToken }: Paging, usual: number): { page: T[]; nextToken?: string } => {
  const from = nextToken === undefined ? 0 : Number(/^from-(\d{1,9})$/.exec(nextToken)?.[1]);
  if (Number.isNaN(from)) throw new AwsError("InvalidToken", `Invalid Token: '${nextToken}'`);
  // 0 means the default.
  const to = from + Math.min(maxResults || usual, 1000);
  return { page: items.slice(from, to), ...(to < items.length ? { nextToken: `from-${to}` } : {}) };
};

export type { Paging };
export { pageOf };
