import type { AttributeValue, Item } from "./attribute-value";

/** The largest item that a table takes (DynamoDB Developer Guide, "Service, account, and table quotas"). */
const MAX_ITEM_BYTES = 400 * 1024;

/** An item's size as DynamoDB counts it: names and values in UTF-8 (Developer Guide, "Item sizes and formats"). */
const itemSizeBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSizeBytes(value), 0);

const valueSizeBytes = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSizeBytes(value.N);
  if (value.B !== undefined) return Buffer.byteLength(value.B, "base64");
  if (value.SS !== undefined) return sum(value.SS, text => Buffer.byteLength(text));
  if (value.NS !== undefined) return sum(value.NS, numberSizeBytes);
  if (value.BS !== undefined) return sum(value.BS, bytes => Buffer.byteLength(bytes, "base64"));
  // A list or map costs 3 bytes, and 1 for each element.
  if (value.L !== undefined) return 3 + sum(value.L, element => 1 + valueSizeBytes(element));
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemSizeBytes(value.M);
  return 1;
};

/** One byte for two significant digits, one for the number, and one for a minus sign. */
const numberSizeBytes = (number: string): number => {
  const digits = number
    .replace(/^-/, "")
    .replace(".", "")
    .replace(/^0+|0+$/g, "").length;
  return Math.ceil(digits / 2) + 1 + (number.startsWith("-") ? 1 : 0);
};

const sum = <T>(values: T[], sizeBytes: (value: T) => number) => values.reduce((total, value) => total + sizeBytes(value), 0);

export { itemSizeBytes, MAX_ITEM_BYTES };
