import { compareKeys } from "./key-order";

interface ListingRequest {
  prefix: string;
  delimiter: string;
  /** Lists only keys that sort after it. */
  after: string;
  /** Whether `after` may be a common prefix that was already listed, so that its keys are skipped. */
  afterPrefix: boolean;
  max: number;
}

interface ListingPage {
  keys: string[];
  commonPrefixes: string[];
  /** The last key or common prefix of this page, if there are more pages. */
  next?: string;
}

/** One page of a listing. Keys with the delimiter after the prefix are grouped under a common prefix. `keys` must be in key order. */
const listKeys = (keys: readonly string[], { prefix, delimiter, after, afterPrefix, max }: ListingRequest): ListingPage => {
  const page: ListingPage = { keys: [], commonPrefixes: [] };
  // `after` may also be the prefix itself: a key that ends with the delimiter, and not a common prefix.
  const skipped = afterPrefix && commonPrefixOf(after, prefix, delimiter) === after ? after : undefined;
  let last: string | undefined;
  for (const key of keys) {
    if (!key.startsWith(prefix) || (after !== "" && compareKeys(key, after) <= 0)) continue;
    if (skipped !== undefined && key.startsWith(skipped)) continue;
    const rolled = commonPrefixOf(key, prefix, delimiter);
    if (rolled !== undefined && rolled === last) continue;
    if (page.keys.length + page.commonPrefixes.length >= max) {
      if (last !== undefined) page.next = last;
      return page;
    }
    if (rolled === undefined) page.keys.push(key);
    else page.commonPrefixes.push(rolled);
    last = rolled ?? key;
  }
  return page;
};

const commonPrefixOf = (key: string, prefix: string, delimiter: string): string | undefined => {
  if (delimiter === "") return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
};

/** `encoding-type=url`: S3 encodes a space as "+" and leaves slashes. */
const encodeListed = (text: string) => encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%20", "+");

export type { ListingPage, ListingRequest };
export { encodeListed, listKeys };
