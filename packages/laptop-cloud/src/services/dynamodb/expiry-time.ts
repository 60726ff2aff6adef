import type { Item } from "./attribute-value";

/** Items that expired earlier are not deleted (DynamoDB Developer Guide, "Using time to live"). */
const MAX_EXPIRY_AGE_SECONDS = 5 * 365 * 24 * 60 * 60;

/** When an item expires, epoch seconds; undefined if it has no such number. */
const expiryOf = (item: Item | undefined, attribute: string | undefined): number | undefined => {
  const number = attribute === undefined || item === undefined || !Object.hasOwn(item, attribute) ? undefined : item[attribute]!.N;
  const seconds = Math.floor(Number(number));
  return number !== undefined && Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined;
};

/** Whether the item is due for deletion. */
const isExpired = (expirySeconds: number, nowSeconds: number) =>
  expirySeconds <= nowSeconds && expirySeconds >= nowSeconds - MAX_EXPIRY_AGE_SECONDS;

/** Sorts as the numbers do: a safe integer has at most 16 digits. */
const sortableSeconds = (seconds: number) => String(seconds).padStart(16, "0");

export { expiryOf, isExpired, MAX_EXPIRY_AGE_SECONDS, sortableSeconds };
