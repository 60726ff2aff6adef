import { AwsError } from "../../kernel/aws-error";
import { readPageSize } from "../../kernel/paginate";

/** The API reference of each list, "maxResults". */
const MAX_PAGE_SIZE = 1000;

interface Paging {
  maxResults?: number;
  nextToken?: string;
}

/** One page of a list. The token is the position of the next page. Throws `AwsError` InvalidToken. */
const pageOf = <T>(items: T[], { maxResults, nextToken }: Paging, usual: number): { page: T[]; nextToken?: string } => {
  const from = nextToken === undefined ? 0 : Number(/^from-(\d{1,9})$/.exec(nextToken)?.[1]);
  if (Number.isNaN(from)) throw new AwsError("InvalidToken", `Invalid Token: '${nextToken}'`);
  // 0 means the default.
  const to = from + (readPageSize(maxResults ?? 0, MAX_PAGE_SIZE, 0) || usual);
  return { page: items.slice(from, to), ...(to < items.length ? { nextToken: `from-${to}` } : {}) };
};

export type { Paging };
export { pageOf };
