import { paginate } from "../../../kernel/paginate";

/** The parameters of ListKeys and its kin. */
interface Paging {
  Limit?: number;
  Marker?: string;
}

/** KMS's names for the parts of a page. */
const pageOf = <T>(all: T[], keyOf: (item: T) => string, { Limit, Marker }: Paging) => {
  const { page, NextToken } = paginate(all, keyOf, { MaxResults: Limit, NextToken: Marker });
  return { items: page, more: { Truncated: NextToken !== undefined, ...(NextToken === undefined ? {} : { NextMarker: NextToken }) } };
};

export type { Paging };
export { pageOf };
